//! Collects what is wrong and what is noted while a template is read.

use super::tree::{Key, Kind, Node};
use crate::error::Mistake;
use std::ops::Range;

/// Mistakes and notes of one template.
pub(super) struct Reader<'a> {
    source: &'a str,
    name: &'a str,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) notes: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a str, name: &'a str) -> Self {
        Self {
            source,
            name,
            mistakes: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A value is wrong.
    pub(super) fn wrong(&mut self, node: &Node, message: impl Into<String>) {
        self.mistakes.push(Mistake::at(node.span.clone(), message));
    }

    /// A property is known to nobody here.
    pub(super) fn unsupported(&mut self, key: &Key) {
        let message = format!("`{}` is not supported", key.name);
        self.mistakes.push(Mistake::at(key.span.clone(), message));
    }

    /// A property that does not change how a function answers.
    pub(super) fn note(&mut self, key: &Key, why: &str) {
        let line = self.line(&key.span);
        let note = format!("{}:{line}: `{}` {why}", self.name, key.name);
        self.notes.push(note);
    }

    fn line(&self, span: &Range<usize>) -> usize {
        let before = self.source.get(..span.start).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    /// A text.
    pub(super) fn text(&mut self, node: &Node) -> Option<String> {
        let text = node.text().map(str::to_owned);
        if text.is_none() {
            self.wrong(node, "expected text");
        }
        text
    }

    /// A whole number that is not negative.
    pub(super) fn number(&mut self, node: &Node) -> Option<u64> {
        let number = node.text().and_then(|text| text.parse().ok());
        if number.is_none() {
            self.wrong(node, "expected a whole number");
        }
        number
    }

    /// True or false.
    pub(super) fn truth(&mut self, node: &Node) -> Option<bool> {
        let truth = match node.text() {
            Some("true" | "True") => Some(true),
            Some("false" | "False") => Some(false),
            _ => None,
        };
        if truth.is_none() {
            self.wrong(node, "expected `true` or `false`");
        }
        truth
    }

    /// A list.
    pub(super) fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        if let Kind::List(items) = &node.kind {
            items
        } else {
            self.wrong(node, "expected a list");
            &[]
        }
    }

    /// A map.
    pub(super) fn map<'n>(&mut self, node: &'n Node) -> &'n [(Key, Node)] {
        if let Kind::Map(entries) = &node.kind {
            entries
        } else {
            self.wrong(node, "expected properties");
            &[]
        }
    }
}
