//! What conversion carries along: the tree with its places, what is known, and the mistakes and
//! warnings so far.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use domain::expression::{Reference, Results, Scope, SyntaxError, Template};
use serde_json::Value;

use crate::error::Mistake;
use crate::file::Text;
use crate::node::{Kind, Node};

/// A path into the file: keys and positions.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Place(pub(crate) Vec<String>);

impl Place {
    pub(crate) fn with(&self, step: impl ToString) -> Self {
        let mut path = self.0.clone();
        path.push(step.to_string());
        Self(path)
    }

    /// With the position of an element, when it is one.
    pub(crate) fn with_index(&self, index: Option<usize>) -> Self {
        index.map_or_else(|| self.clone(), |index| self.with(index))
    }

    /// As people write it.
    pub(crate) fn words(&self) -> String {
        let mut words = String::new();
        for step in &self.0 {
            if step.bytes().all(|byte| byte.is_ascii_digit()) {
                words.push_str(&format!("[{step}]"));
            } else {
                words.push_str(if words.is_empty() { "" } else { "." });
                words.push_str(step);
            }
        }
        format!("`{words}`")
    }
}

/// A reference that a step makes, to be checked when all steps are known.
pub(crate) struct Use {
    pub(crate) step: String,
    pub(crate) span: Range<usize>,
    pub(crate) reference: Reference,
}

/// Whose texts are being read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Owner<'a> {
    /// The step.
    pub(crate) step: &'a str,
    /// Whether `${item}` has a value.
    pub(crate) looped: bool,
    /// The loop's own name for its item.
    pub(crate) alias: Option<&'a str>,
}

pub(crate) struct Context<'a> {
    pub(crate) source: &'a str,
    pub(crate) root: &'a Node,
    /// The folder of the file; none when only the text is there (a server).
    pub(crate) folder: Option<&'a Path>,
    pub(crate) parameters: BTreeMap<String, Value>,
    pub(crate) used: BTreeSet<String>,
    pub(crate) uses: Vec<Use>,
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) warnings: Vec<String>,
}

impl Context<'_> {
    pub(crate) fn mistake(&mut self, place: &Place, message: impl Into<String>) {
        let node = self.root.nearest(&place.0);
        let span = match node.kind {
            Kind::Scalar { .. } => node.span.clone(),
            _ => self.root.key_span(&place.0),
        };
        self.mistakes.push(Mistake::at(span, message));
    }

    /// Like [`Self::mistake`], but marks the key.
    pub(crate) fn key_mistake(&mut self, place: &Place, message: impl Into<String>) {
        self.mistakes
            .push(Mistake::at(self.root.key_span(&place.0), message));
    }

    /// Reads a text with expressions, notes what it refers to, and gives it back in its plain
    /// spelling (`${trees}` of a loop `as: trees` becomes `${item}`).
    pub(crate) fn template(&mut self, place: &Place, text: &str, owner: Owner<'_>) -> String {
        let Some(template) = self.parse(place, text, owner) else {
            return text.to_owned();
        };
        let span = self.root.nearest(&place.0).span.clone();
        self.note(&span, template.references(), owner);
        template.to_string()
    }

    /// The templates in all texts of a value.
    pub(crate) fn value_template(
        &mut self,
        place: &Place,
        value: &Value,
        owner: Owner<'_>,
    ) -> Value {
        match value {
            Value::String(text) => Value::String(self.template(place, text, owner)),
            Value::Array(elements) => elements
                .iter()
                .enumerate()
                .map(|(at, element)| self.value_template(&place.with(at), element, owner))
                .collect(),
            Value::Object(entries) => entries
                .iter()
                .map(|(key, entry)| {
                    (
                        key.clone(),
                        self.value_template(&place.with(key), entry, owner),
                    )
                })
                .collect(),
            other => other.clone(),
        }
    }

    pub(crate) fn parse(
        &mut self,
        place: &Place,
        text: &str,
        owner: Owner<'_>,
    ) -> Option<Template> {
        match Template::parse_with_alias(text, owner.alias) {
            Ok(template) => Some(template),
            Err(error) => {
                self.syntax(place, text, &error);
                None
            }
        }
    }

    /// A mistake inside a text, marked where it is when the text stands as it is in the source.
    pub(crate) fn syntax(&mut self, place: &Place, text: &str, error: &SyntaxError) {
        let span = self.root.nearest(&place.0).span.clone();
        let written = self.source.get(span.clone()).unwrap_or_default();
        let inset = if written == text {
            Some(0)
        } else {
            let inner = written.get(1..written.len().saturating_sub(1));
            (inner == Some(text) && !text.is_empty()).then_some(1)
        };
        let span = match inset {
            Some(inset) => {
                let start = (span.start + inset + error.at).min(span.end);
                start..span.end.max(start)
            }
            None => span,
        };
        self.mistakes.push(Mistake::at(span, error.message.clone()));
    }

    pub(crate) fn note(
        &mut self,
        span: &Range<usize>,
        references: Vec<&Reference>,
        owner: Owner<'_>,
    ) {
        for reference in references {
            let (step, span) = (owner.step.to_owned(), span.clone());
            match reference {
                Reference::Parameter(name) => {
                    self.used.insert(name.clone());
                }
                Reference::Item(_) if !owner.looped => {
                    let message = "`item` has a value only in a step with `for-each`";
                    self.mistakes.push(Mistake::at(span.clone(), message));
                }
                _ => {}
            }
            self.uses.push(Use {
                step,
                span,
                reference: reference.clone(),
            });
        }
    }

    /// The value of a text that is needed before anything runs, so it may refer to parameters
    /// only.
    pub(crate) fn fixed(&mut self, place: &Place, text: &str) -> Option<Value> {
        let template = self.parse(place, text, Owner::default())?;
        for reference in template.references() {
            let Reference::Parameter(name) = reference else {
                let what = place.words();
                let message = format!(
                    "`{reference}` is known only when the pipeline runs; {what} may hold \
                     `parameters` only"
                );
                self.mistake(place, message);
                return None;
            };
            self.used.insert(name.clone());
        }
        let steps: BTreeMap<String, Results<'_>> = BTreeMap::new();
        let scope = Scope {
            parameters: &self.parameters,
            item: None,
            run: "",
            steps: &steps,
        };
        match template.evaluate(&scope) {
            Ok(value) => Some(value),
            Err(error) => {
                // A parameter that has a mistake of its own is not told twice.
                let own = template
                    .references()
                    .iter()
                    .any(|reference| match reference {
                        Reference::Parameter(name) => self.declares(name),
                        _ => false,
                    });
                if !own {
                    self.mistake(place, error.to_string());
                }
                None
            }
        }
    }

    /// Whether the file declares a parameter, with a usable value or not.
    pub(crate) fn declares(&self, parameter: &str) -> bool {
        self.root
            .get("parameters")
            .is_some_and(|node| node.get(parameter).is_some())
    }

    /// [`Self::fixed`] as a text.
    pub(crate) fn fixed_text(&mut self, place: &Place, text: &str) -> Option<String> {
        match self.fixed(place, text)? {
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        }
    }

    /// A quantity that people write: `16GiB`, `2h`, `4`. Says what was expected when it is none.
    pub(crate) fn quantity<T>(
        &mut self,
        place: &Place,
        text: Option<&Text>,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.fixed_text(place, text?)?;
        let value = read(text.trim());
        if value.is_none() {
            let what = place.words();
            let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
            self.mistake(
                place,
                format!("expected {expected} in {what}, found `{shown}`"),
            );
        }
        value
    }

    /// A name of one of the domain's kinds.
    pub(crate) fn name<T: std::str::FromStr<Err = domain::id::InvalidName>>(
        &mut self,
        place: &Place,
        text: &str,
    ) -> Option<T> {
        let text = self.fixed_text(place, text)?;
        match text.parse() {
            Ok(name) => Some(name),
            Err(error) => {
                self.mistake(place, error.to_string());
                None
            }
        }
    }
}
