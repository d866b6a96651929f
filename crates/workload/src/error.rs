//! Mistakes in a workload file, told so that they can be mended: where, what was expected, and
//! the nearest word that would have been right.

use std::fmt;
use std::io;
use std::ops::Range;
use std::path::PathBuf;

use serde_saphyr::Location;

use crate::node;

/// Why a workload could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file, or one that it names, could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// There is no workload file in the folder.
    #[error("there is no `tradewind.yaml` in `{}`; write one, or name the file", folder.display())]
    NoFile {
        /// The folder that was looked in.
        folder: PathBuf,
    },
    /// The file is larger than any workload file is.
    #[error("`{file}` has more than {most} bytes, which is no workload file")]
    TooLarge {
        /// The file.
        file: String,
        /// The most that is read.
        most: usize,
    },
    /// An override is not of the form `name=value`.
    #[error("`{text}` is not an override, expected `name=value`")]
    BadOverride {
        /// As given.
        text: String,
    },
    /// The file has mistakes; nothing is started.
    #[error(transparent)]
    Mistakes(#[from] Mistakes),
}

/// All mistakes that were found in one file. Its `Display` is the paragraph for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    /// The file, as the caller named it.
    pub file: String,
    /// In the order of the file; at least one, at most a hundred.
    pub found: Vec<Located>,
    /// How many more there were.
    pub omitted: usize,
}

/// One mistake with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// What is wrong, what was expected, the nearest word.
    pub message: String,
    /// Line from 1, or nothing when the mistake is not in the file (an override).
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: usize,
    /// The line itself.
    pub text: String,
    /// How many characters are marked.
    pub length: usize,
}

/// A mistake as it is collected: its place is bytes of the source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mistake {
    pub(crate) span: Option<Range<usize>>,
    pub(crate) message: String,
}

impl Mistake {
    pub(crate) fn at(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span: Some(span),
            message: message.into(),
        }
    }

    pub(crate) fn outside(message: impl Into<String>) -> Self {
        Self {
            span: None,
            message: message.into(),
        }
    }
}

/// How many are shown; a file that is wholly wrong needs no book.
const SHOWN: usize = 20;

/// How many are kept.
const KEPT: usize = 100;

/// Characters of a line that are shown.
const WIDEST: usize = 160;

impl Mistakes {
    pub(crate) fn new(file: &str, source: &str, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|mistake| mistake.span.as_ref().map(|span| span.start));
        mistakes.dedup();
        let omitted = mistakes.len().saturating_sub(KEPT);
        mistakes.truncate(KEPT);
        let found = mistakes
            .into_iter()
            .map(|mistake| locate(source, mistake))
            .collect();
        Self {
            file: file.to_owned(),
            found,
            omitted,
        }
    }
}

fn locate(source: &str, mistake: Mistake) -> Located {
    let Some(span) = mistake.span else {
        let (text, message) = (String::new(), mistake.message);
        return Located {
            message,
            line: None,
            column: 0,
            text,
            length: 0,
        };
    };
    let before = &source[..span.start];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line_end = source[span.start..]
        .find('\n')
        .map_or(source.len(), |at| span.start + at);
    let column = source[line_start..span.start].chars().count() + 1;
    let marked = source[span.start..span.end.clamp(span.start, line_end)].trim_end();
    Located {
        message: mistake.message,
        line: Some(before.matches('\n').count() + 1),
        column,
        text: source[line_start..line_end].trim_end().to_owned(),
        length: marked.chars().count().max(1),
    }
}

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.found.iter().take(SHOWN).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            render(f, &self.file, mistake)?;
        }
        let more = self.found.len().saturating_sub(SHOWN) + self.omitted;
        if more > 0 {
            write!(f, "\nand {more} more mistakes")?;
        }
        Ok(())
    }
}

fn render(f: &mut fmt::Formatter<'_>, file: &str, mistake: &Located) -> fmt::Result {
    let Some(line) = mistake.line else {
        return f.write_str(&mistake.message);
    };
    write!(f, "{file}:{line}:{}: {}", mistake.column, mistake.message)?;
    if mistake.text.trim().is_empty() || mistake.column > WIDEST {
        return Ok(());
    }
    // Tabs and invisible characters would put the caret elsewhere.
    let shown: String = mistake
        .text
        .chars()
        .take(WIDEST)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let indent = " ".repeat(mistake.column - 1);
    let carets = "^".repeat(mistake.length.min(WIDEST + 1 - mistake.column));
    write!(f, "\n  {number} | {shown}\n  {margin} | {indent}{carets}")
}

/// A mistake of the YAML itself.
pub(crate) fn of_yaml(error: &serde_saphyr::Error, source: &str) -> Mistake {
    use serde_saphyr::Error as Yaml;
    let error = error.without_snippet();
    let text = without_place(&error.to_string());
    let beyond = matches!(error, Yaml::Budget { .. })
        || [
            "alias replay",
            "alias expansion",
            "recursion limit",
            "depth",
        ]
        .iter()
        .any(|words| text.to_lowercase().contains(words));
    let message = match error {
        _ if beyond => {
            "the file is too large, is nested too deeply or expands to too much".to_owned()
        }
        Yaml::Eof { .. } => "the file is empty, expected `name` and `script` or `steps`".to_owned(),
        Yaml::MultipleDocuments { .. } => {
            "expected one document, found a second one after `---`".to_owned()
        }
        Yaml::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key `{key}` is there twice")
        }
        _ => text,
    };
    let place = error
        .location()
        .filter(|location| *location != Location::UNKNOWN);
    let span = place.map_or(0..0, |location| node::offsets(&location, source));
    let span = back_to_text(span, source);
    if !beyond && let Some(hole) = unquoted_hole(&source[..span.end]) {
        let message = format!(
            "inside `{{…}}` and `[…]` an expression must be quoted, as in \
             \"${{parameters.x}}\" ({message})"
        );
        return Mistake::at(hole, message);
    }
    Mistake::at(span, message)
}

/// The parser often notices a mistake only at the end of the file or on the next line; people
/// look for it where the text ends.
fn back_to_text(span: Range<usize>, source: &str) -> Range<usize> {
    let before = source[..span.start].trim_end();
    let after_break = source[before.len()..span.start].contains('\n');
    if source[span.start..].trim().is_empty() || (after_break && span.is_empty()) {
        let start = before.char_indices().next_back().map_or(0, |(at, _)| at);
        return start..before.len();
    }
    span
}

/// A `${…}` without quotes inside a flow collection of the last lines, which is what YAML's own
/// message never says.
fn unquoted_hole(before: &str) -> Option<Range<usize>> {
    let recent = before
        .trim_end()
        .rmatch_indices('\n')
        .nth(1)
        .map_or(0, |(at, _)| at);
    let (at, _) = before
        .rmatch_indices("${")
        .take_while(|(at, _)| *at >= recent)
        .last()?;
    let line = before[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let opening = &before[line..at];
    let flow = opening.contains(['{', '[']);
    let quoted = opening.matches('"').count() % 2 == 1 || opening.matches('\'').count() % 2 == 1;
    let end = before[at..]
        .find('}')
        .map_or(before.len(), |end| at + end + 1);
    (flow && !quoted).then_some(at..end)
}

/// The parser's text without its own account of the place.
fn without_place(text: &str) -> String {
    let text = text.lines().next().unwrap_or(text);
    let cut = [" at line ", " (line ", ", line "]
        .iter()
        .filter_map(|mark| text.find(mark))
        .min();
    let text = text[..cut.unwrap_or(text.len())].trim_end_matches(['.', ':', ',']);
    text.strip_prefix("error: ").unwrap_or(text).to_owned()
}
