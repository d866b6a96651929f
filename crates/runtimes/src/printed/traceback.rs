//! Finds the Python exception that ended a program in what it printed on standard error, and the
//! line of the user's own code that raised it.
//!
//! The form is the interpreter's (`Lib/traceback.py`, Python 3.8 to 3.14): a heading, frames of
//! `  File "<path>", line <n>, in <function>`, and a line `<class>: <message>` that is not
//! indented. A syntax error of the main file has a frame without heading and function.

use crate::record::Exception;
use std::path::Path;

const MOST_FRAMES: usize = 1000;
const LONGEST_MESSAGE: usize = 4 << 10;

/// Reads lines of standard error and remembers the last exception.
#[derive(Debug, Default)]
pub struct TracebackFinder {
    frames: Vec<Frame>,
    inside: bool,
    /// Lines after the class belong to its message as long as nothing else begins.
    found: Option<(Exception, Vec<Frame>)>,
}

#[derive(Debug, Clone)]
struct Frame {
    file: String,
    line: u32,
    function: Option<String>,
}

impl TracebackFinder {
    /// Reads one line.
    pub fn read(&mut self, line: &str) {
        // Exception groups draw a margin.
        let line = line.trim_end();
        let line = match line.trim_start().strip_prefix("| ") {
            Some(rest) if self.inside => rest,
            _ => line,
        };
        if line
            .trim_start_matches(['+', ' ', '|', '-'])
            .ends_with("(most recent call last):")
        {
            self.inside = true;
            self.frames.clear();
            return;
        }
        if let Some(frame) = frame(line) {
            if !self.inside {
                self.inside = true;
                self.frames.clear();
            }
            if self.frames.len() < MOST_FRAMES {
                self.frames.push(frame);
            }
            return;
        }
        if !self.inside || line.is_empty() || line.starts_with(' ') {
            self.extend_message(line);
            return;
        }
        self.inside = false;
        if let Some((class, message)) = class_and_message(line) {
            let exception = Exception {
                class,
                message,
                file: None,
                line: None,
                function: None,
            };
            self.found = Some((exception, std::mem::take(&mut self.frames)));
        }
    }

    fn extend_message(&mut self, line: &str) {
        if self.inside {
            return;
        }
        if let Some((exception, _)) = &mut self.found
            && exception.message.len() + line.len() < LONGEST_MESSAGE
            && !line.starts_with("During handling of")
            && !line.starts_with("The above exception")
        {
            exception.message.push('\n');
            exception.message.push_str(line);
        }
    }

    /// The last exception, with the innermost frame that lies in one of the code folders (the
    /// same folder by its several names), or the innermost of all when none does.
    pub fn finish(self, code: &[&Path]) -> Option<Exception> {
        let (mut exception, frames) = self.found?;
        exception
            .message
            .truncate(exception.message.trim_end().len());
        let relative = |frame: &Frame| {
            if frame.file.starts_with('<') {
                return None;
            }
            let path = Path::new(&frame.file);
            let inside = code
                .iter()
                .find_map(|folder| path.strip_prefix(folder).ok());
            if let Some(path) = inside {
                return Some(path.display().to_string());
            }
            // Relative to the working directory, unless it is only the name that a compiled module
            // gives its source.
            let is_there = path.is_relative() && code.iter().any(|one| one.join(path).is_file());
            is_there.then(|| frame.file.trim_start_matches("./").to_owned())
        };
        let own = frames
            .iter()
            .rev()
            .find_map(|frame| Some((frame, relative(frame)?)));
        let chosen = own.or_else(|| frames.last().map(|frame| (frame, frame.file.clone())));
        if let Some((frame, file)) = chosen {
            exception.file = Some(file);
            exception.line = Some(frame.line);
            exception.function.clone_from(&frame.function);
        }
        Some(exception)
    }
}

fn frame(line: &str) -> Option<Frame> {
    let rest = line.trim_start().strip_prefix("File \"")?;
    if !line.starts_with(' ') {
        return None;
    }
    let (file, rest) = rest.split_once("\", line ")?;
    let (number, function) = match rest.split_once(", in ") {
        Some((number, function)) => (number, Some(function.to_owned())),
        None => (rest, None),
    };
    // `<string>` and `<frozen runpy>` are no files, but frames of a traceback all the same.
    Some(Frame {
        file: file.to_owned(),
        line: number.trim().parse().ok()?,
        function,
    })
}

fn class_and_message(line: &str) -> Option<(String, String)> {
    let (class, message) = line
        .split_once(": ")
        .unwrap_or((line.trim_end_matches(':'), ""));
    let is_class = !class.is_empty()
        && class
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
        && class.starts_with(|c: char| c.is_alphabetic() || c == '_');
    if !is_class {
        return None;
    }
    let message: String = message.chars().take(LONGEST_MESSAGE / 4).collect();
    // `builtins` are printed bare, others with their module: keep the last word.
    let class = class.rsplit('.').next().unwrap_or(class).to_owned();
    Some((class, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<Exception> {
        let mut finder = TracebackFinder::default();
        text.lines().for_each(|line| finder.read(line));
        finder.finish(&[Path::new("/opt/ml/code"), Path::new("/t/ml/code")])
    }

    #[test]
    fn the_users_line_is_told_and_not_the_librarys() {
        let exception = found(
            "some warning\nTraceback (most recent call last):\n  \
             File \"/opt/ml/code/train.py\", line 7, in <module>\n    fit()\n  \
             File \"/opt/ml/code/lib/fit.py\", line 3, in fit\n    model.fit(x)\n    ~~~^^^\n  \
             File \"/env/site-packages/sk.py\", line 99, in fit\n    raise\n\
             sklearn.exceptions.NotFittedError: no: it is not\nsecond line\n",
        )
        .unwrap();
        assert_eq!(exception.class, "NotFittedError");
        assert_eq!(exception.message, "no: it is not\nsecond line");
        assert_eq!(exception.file.as_deref(), Some("lib/fit.py"));
        assert_eq!(
            (exception.line, exception.function.as_deref()),
            (Some(3), Some("fit"))
        );
    }

    #[test]
    fn of_a_chain_the_last_counts() {
        let exception = found(
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in <module>\nKeyError: 'a'\n\n\
             During handling of the above exception, another exception occurred:\n\n\
             Traceback (most recent call last):\n  File \"/t/ml/code/b.py\", line 2, in f\n\
             ValueError\n",
        )
        .unwrap();
        assert_eq!(
            (exception.class.as_str(), exception.message.as_str()),
            ("ValueError", "")
        );
        assert_eq!(
            (exception.file.as_deref(), exception.line),
            (Some("b.py"), Some(2))
        );
    }

    #[test]
    fn a_syntax_error_of_the_main_file() {
        let exception = found(
            "  File \"/opt/ml/code/train.py\", line 3\n    foo(\n       ^\n\
             SyntaxError: '(' was never closed\n",
        )
        .unwrap();
        assert_eq!(exception.class, "SyntaxError");
        assert_eq!(
            (exception.file.as_deref(), exception.line),
            (Some("train.py"), Some(3))
        );
    }

    #[test]
    fn a_compiled_modules_name_for_its_source_is_not_the_users_file() {
        let exception = found(
            "Traceback (most recent call last):\n  File \"/opt/ml/code/t.py\", line 4, in <module>\n  \
             File \"sklearn/tree/_tree.pyx\", line 1, in init\nAttributeError: x\n",
        )
        .unwrap();
        assert_eq!(
            (exception.file.as_deref(), exception.line),
            (Some("t.py"), Some(4))
        );
    }

    #[test]
    fn ordinary_lines_are_no_exception() {
        assert_eq!(found("Error: x\nFile \"a\", line 1\n  done\n"), None);
        assert_eq!(found("Traceback (most recent call last):\n"), None);
    }
}
