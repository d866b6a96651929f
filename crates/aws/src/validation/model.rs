//! A service's model as `model/extract.py` wrote it down.

use regex::Regex;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The shapes of a service's requests.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Model {
    /// Operation to shape.
    pub(super) operations: HashMap<String, String>,
    pub(super) shapes: HashMap<String, Shape>,
}

impl Model {
    /// Reads a model that was compiled in; a test reads all of them.
    pub(super) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_else(|error| {
            tracing::error!(%error, "a published model cannot be read; requests go unchecked");
            Self::default()
        })
    }
}

/// What a value may be.
#[derive(Debug, Deserialize)]
pub(super) struct Shape {
    #[serde(rename = "t")]
    pub(super) kind: Kind,
    #[serde(default, rename = "m")]
    pub(super) members: HashMap<String, String>,
    #[serde(default, rename = "r")]
    pub(super) required: Vec<String>,
    #[serde(default, rename = "p")]
    pub(super) pattern: Option<Pattern>,
    #[serde(default, rename = "e")]
    pub(super) values: Vec<String>,
    #[serde(default)]
    pub(super) min: Option<f64>,
    #[serde(default)]
    pub(super) max: Option<f64>,
    #[serde(default, rename = "of")]
    pub(super) element: Option<String>,
    #[serde(default, rename = "k")]
    pub(super) key: Option<String>,
    #[serde(default, rename = "v")]
    pub(super) value: Option<String>,
}

/// The kinds of shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Timestamp,
    Blob,
}

/// A regular expression that the whole text must match; compiled when it is first needed.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(super) struct Pattern {
    pub(super) text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        let compiled = OnceLock::new();
        Self { text, compiled }
    }
}

impl Pattern {
    /// Whether a text matches; what looks around cannot be compiled here and forbids nothing.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.compiled().is_none_or(|pattern| pattern.is_match(text))
    }

    pub(super) fn compiled(&self) -> Option<&Regex> {
        let compile = || {
            let plain = open_ended(&ascii_classes(&self.text));
            Regex::new(&format!(r"\A(?s:{plain})\z")).ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// Counts above this would make automata of many megabytes; lengths are the shapes' own bounds.
const MOST_COUNTED: u32 = 255;

/// Takes the upper bound out of large counts: `{0,1024}` becomes `{0,}`.
fn open_ended(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find('{') {
        let (before, count) = rest.split_at(at);
        out.push_str(before);
        rest = count;
        let Some((inside, after)) = count[1..].split_once('}') else {
            break;
        };
        let bounds = inside
            .split_once(',')
            .map(|(low, high)| (low, high.parse::<u32>()));
        match bounds {
            Some((low, Ok(high))) if high > MOST_COUNTED => out.push_str(&format!("{{{low},}}")),
            _ => out.push_str(&format!("{{{inside}}}")),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The models' engine means ASCII by `\w`, `\d` and `\s`, and knows `\p{Alnum}`, which the models
/// have in brackets only; ours would mean all of Unicode.
fn ascii_classes(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let posix = pattern.replace(r"\p{Alnum}", "a-zA-Z0-9");
    let (mut in_class, mut characters) = (false, posix.chars());
    while let Some(character) = characters.next() {
        match character {
            '[' => in_class = true,
            ']' => in_class = false,
            '\\' => {
                let escaped = characters.next();
                let class = match escaped {
                    Some('w') => "a-zA-Z0-9_",
                    Some('d') => "0-9",
                    Some('s') => r"\t\n\x0B\f\r ",
                    _ => {
                        out.push('\\');
                        out.extend(escaped);
                        continue;
                    }
                };
                let class = if in_class {
                    class.to_owned()
                } else {
                    format!("[{class}]")
                };
                out.push_str(&class);
                continue;
            }
            _ => {}
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_mean_ascii() {
        assert_eq!(
            ascii_classes(r"\d{12}[\w+\-]\."),
            r"[0-9]{12}[a-zA-Z0-9_+\-]\."
        );
        let word = Pattern::from(r"\w+".to_owned());
        assert!(word.matches("a_1") && !word.matches("ä"));
    }

    #[test]
    fn large_counts_are_left_open() {
        assert_eq!(open_ended(r"a{1,3}b{0,1024}c{2}d{5"), r"a{1,3}b{0,}c{2}d{5");
    }

    #[test]
    fn every_pattern_compiles_unless_it_looks_around() {
        let mut unread = Vec::new();
        for model in [&crate::validation::SAGEMAKER, &crate::validation::LOGS] {
            assert!(model.operations.len() > 90);
            for (name, shape) in &model.shapes {
                if let Some(pattern) = &shape.pattern {
                    // Looking around and halves of surrogate pairs are beyond the engine.
                    let beyond = ["(?=", "(?!", "(?<", "uD800"];
                    let beyond = beyond.iter().any(|part| pattern.text.contains(part));
                    if pattern.compiled().is_none() && !beyond {
                        unread.push(format!("{name}: {}", pattern.text));
                    }
                }
                let named = shape.members.values().chain(&shape.element);
                for other in named.chain(&shape.key).chain(&shape.value) {
                    assert!(model.shapes.contains_key(other), "{name} names {other}");
                }
            }
        }
        assert!(unread.is_empty(), "{unread:#?}");
    }
}
