//! Cuts a byte stream into lines of text.

/// A longer line is cut, so that a program that never ends its line needs no memory here.
const LONGEST: usize = 64 << 10;

/// The unfinished line of one stream.
///
/// A carriage return ends a line too: progress bars print with it. Of bars that are redrawn within
/// one portion of bytes only the last is told, so that a bar does not fill the log.
#[derive(Debug, Default)]
pub struct Lines {
    rest: Vec<u8>,
    /// The last bar that was drawn and not yet told.
    bar: Option<String>,
    /// The last byte was a carriage return; a line feed that follows belongs to it.
    returned: bool,
}

impl Lines {
    /// Takes more bytes and tells each line that they end.
    pub fn push(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(&str)) {
        if std::mem::take(&mut self.returned) {
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        self.returned = bytes.last() == Some(&b'\r');
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let ending = bytes[end];
            self.append(&bytes[..end], tell);
            bytes = &bytes[end + 1..];
            let line = self.take();
            if ending == b'\r' && bytes.first() != Some(&b'\n') {
                if !line.is_empty() {
                    self.bar = Some(line);
                }
                continue;
            }
            if ending == b'\r' {
                bytes = &bytes[1..];
            }
            match (line.is_empty(), self.bar.take()) {
                (true, Some(bar)) => tell(&bar),
                _ => tell(&line),
            }
        }
        self.append(bytes, tell);
        if let Some(bar) = self.bar.take() {
            tell(&bar);
        }
    }

    /// Tells the line that the end of the stream leaves unfinished.
    pub fn finish(&mut self, tell: &mut dyn FnMut(&str)) {
        if !self.rest.is_empty() {
            let line = self.take();
            tell(&line);
        }
    }

    fn append(&mut self, mut bytes: &[u8], tell: &mut dyn FnMut(&str)) {
        while self.rest.len() + bytes.len() > LONGEST {
            let room = LONGEST - self.rest.len();
            self.rest.extend_from_slice(&bytes[..room]);
            bytes = &bytes[room..];
            let cut = boundary(&self.rest);
            let carried = self.rest.split_off(cut);
            let line = self.take();
            tell(&line);
            self.rest = carried;
        }
        self.rest.extend_from_slice(bytes);
    }

    fn take(&mut self) -> String {
        let line = String::from_utf8_lossy(&self.rest).into_owned();
        self.rest.clear();
        line
    }
}

/// Where to cut so that a UTF-8 character stays whole.
fn boundary(bytes: &[u8]) -> usize {
    let continuation = |byte: &&u8| **byte & 0b1100_0000 == 0b1000_0000;
    let trailing = bytes.iter().rev().take(3).take_while(continuation).count();
    let lead = bytes.len().saturating_sub(trailing + 1);
    let is_lead = bytes.get(lead).is_some_and(|byte| *byte >= 0b1100_0000);
    if is_lead { lead } else { bytes.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(portions: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for portion in portions {
            lines.push(portion, &mut |line| found.push(line.to_owned()));
        }
        lines.finish(&mut |line| found.push(line.to_owned()));
        found
    }

    #[test]
    fn joins_portions_and_keeps_the_unfinished_line() {
        assert_eq!(told(&[b"a\nb", b"c\n\nd"]), ["a", "bc", "", "d"]);
    }

    #[test]
    fn a_windows_ending_is_one_ending() {
        assert_eq!(told(&[b"a\r\nb\r\n"]), ["a", "b"]);
        assert_eq!(told(&[b"a\r", b"\nb\r", b"\n"]), ["a", "b"]);
    }

    #[test]
    fn a_progress_bar_is_told_once_a_portion() {
        assert_eq!(
            told(&[b"\r10%\r20%\r30%", b"\r40%\r100%\n"]),
            ["20%", "100%"]
        );
    }

    #[test]
    fn invalid_text_is_replaced() {
        assert_eq!(told(&[b"a\xffb\n"]), ["a\u{fffd}b"]);
    }

    #[test]
    fn an_endless_line_is_cut_between_characters() {
        let text = "é".repeat(LONGEST);
        let found = told(&[text.as_bytes()]);
        assert!(
            found
                .iter()
                .all(|line| line.len() <= LONGEST && !line.contains('\u{fffd}'))
        );
        assert_eq!(found.concat(), text);
    }
}
