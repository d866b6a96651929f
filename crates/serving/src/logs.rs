//! What replicas print. Lines go to a sink that the server chooses; a replica that prints without
//! end is read without end but only a bounded part of it is passed on.

mod recent;

pub use recent::{Kept, Recent};

use crate::spec::EndpointKey;
use domain::Name;
use std::time::Duration;
use tokio::time::Instant;

/// Longest piece of a line that is passed on; a longer line comes in several.
pub const LONGEST_LINE: usize = 8 * 1024;
/// Lines a second that one stream may pass on for long.
const STEADY: f64 = 500.0;
/// Lines that may come at once.
const BURST: f64 = 2_000.0;

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

/// One line of one replica.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The endpoint.
    pub endpoint: EndpointKey,
    /// The deployment.
    pub deployment: Name,
    /// The launch it belongs to.
    pub replica: u64,
    /// The stream.
    pub stream: Stream,
    /// The text without its end of line; bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// Takes lines; called on the reader's task, so it must not block.
pub trait LogSink: Send + Sync {
    /// Takes one line.
    fn take(&self, line: LogLine);
}

/// Cuts a byte stream into lines and says which of them may pass.
#[derive(Debug)]
pub(crate) struct Lines {
    partial: Vec<u8>,
    allowance: f64,
    refilled: Instant,
    withheld: u64,
}

impl Lines {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            partial: Vec::new(),
            allowance: BURST,
            refilled: now,
            withheld: 0,
        }
    }

    /// The lines that these bytes complete and that may pass.
    pub(crate) fn feed(&mut self, bytes: &[u8], now: Instant) -> Vec<String> {
        let passed = now.saturating_duration_since(self.refilled);
        self.allowance = (self.allowance + passed.as_secs_f64() * STEADY).min(BURST);
        self.refilled = now;
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let mut rest = piece;
            while self.partial.len() + rest.len() > LONGEST_LINE {
                let (head, tail) = rest.split_at(LONGEST_LINE - self.partial.len());
                self.partial.extend_from_slice(head);
                self.complete(&mut lines);
                rest = tail;
            }
            self.partial.extend_from_slice(rest);
            if rest.ends_with(b"\n") {
                self.complete(&mut lines);
            }
        }
        lines
    }

    /// What is left at the end of the stream.
    pub(crate) fn finish(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.partial.is_empty() {
            self.complete(&mut lines);
        }
        if self.withheld > 0 {
            lines.push(withheld(self.withheld));
            self.withheld = 0;
        }
        lines
    }

    fn complete(&mut self, lines: &mut Vec<String>) {
        let bytes = std::mem::take(&mut self.partial);
        if self.allowance < 1.0 {
            self.withheld += 1;
            return;
        }
        if self.withheld > 0 {
            lines.push(withheld(self.withheld));
            self.withheld = 0;
        }
        self.allowance -= 1.0;
        let text = String::from_utf8_lossy(&bytes);
        lines.push(text.trim_end_matches(['\n', '\r']).to_owned());
    }
}

fn withheld(count: u64) -> String {
    format!("[{count} lines were left out: more than {STEADY} a second]")
}

/// The time after which a stream that is still open past the end of its process is given up: a
/// descendant that left the process group may hold it.
pub(crate) const AFTERLIFE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_joined_and_bounded() {
        let now = Instant::now();
        let mut lines = Lines::new(now);
        assert_eq!(lines.feed(b"one\ntw", now), ["one"]);
        assert_eq!(lines.feed(b"o\r\n\xff\n", now), ["two", "\u{fffd}"]);
        let long = vec![b'x'; LONGEST_LINE * 2 + 5];
        assert_eq!(lines.feed(&long, now).len(), 2);
        assert_eq!(lines.finish(), ["xxxxx"]);
    }

    #[test]
    fn endless_output_is_left_out_and_counted() {
        let now = Instant::now();
        let mut lines = Lines::new(now);
        let flood = b"y\n".repeat(10_000);
        assert_eq!(lines.feed(&flood, now).len(), 2_000);
        let later = now + Duration::from_secs(1);
        let next = lines.feed(b"after\n", later);
        assert_eq!(
            next,
            [
                "[8000 lines were left out: more than 500 a second]",
                "after"
            ]
        );
    }
}
