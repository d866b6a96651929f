//! The file as a tree in which every key and value knows where it stands. The typed form is made
//! from this tree, so that each mistake, of form or of meaning, can name its line and column, and
//! several can be reported at once.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{Location, Spanned};

use crate::error::Mistake;

/// A workload file is written by people; what is larger is something else.
pub(crate) const LARGEST_FILE: usize = 1 << 20;

/// Levels of nesting; the longest path of the format has nine.
const DEEPEST: usize = 40;

/// Values in the tree once aliases are expanded.
const MOST_NODES: usize = 100_000;

/// A value with its place, in bytes of the source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    /// True or false, a number or a text. `text` is how it is written: `3.10` stays `3.10`.
    Scalar {
        value: Value,
        text: String,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A key with its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) span: Range<usize>,
}

impl Node {
    /// Reads YAML. Refused are duplicate keys, several documents, and everything beyond the
    /// limits above.
    pub(crate) fn read(source: &str) -> Result<Self, Mistake> {
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! {
                max_reader_input_bytes: Some(LARGEST_FILE),
                max_depth: DEEPEST,
                flow_nesting_limit: DEEPEST,
                max_nodes: MOST_NODES,
                max_events: 2 * MOST_NODES,
                max_documents: 2,
                max_aliases: 1_000,
                max_anchors: 1_000,
                max_total_scalar_bytes: LARGEST_FILE,
            },
            alias_limits: serde_saphyr::alias_limits! {
                max_total_replayed_events: MOST_NODES,
                max_replay_stack_depth: 8,
                max_alias_expansions_per_anchor: 1_000,
            },
            with_snippet: false,
            strict_booleans: true,
            non_finite_float_policy: serde_saphyr::options::NonFiniteFloatPolicy::AsString,
        };
        let raw: Raw = serde_saphyr::from_str_with_options(source, options)
            .map_err(|error| crate::error::of_yaml(&error, source))?;
        Ok(raw.place(source))
    }

    /// The value under a key of a map.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Kind::Map(entries) = &self.kind else {
            return None;
        };
        entries
            .iter()
            .find(|(key, _)| key.name == name)
            .map(|(_, node)| node)
    }

    /// The node at a path, or the deepest one on the way to it.
    pub(crate) fn nearest(&self, path: &[String]) -> &Self {
        let mut node = self;
        for step in path {
            let next = match &node.kind {
                Kind::List(elements) => step.parse().ok().and_then(|at: usize| elements.get(at)),
                _ => node.get(step),
            };
            let Some(next) = next else { break };
            node = next;
        }
        node
    }

    /// The place of a key, or of what is nearest to it.
    pub(crate) fn key_span(&self, path: &[String]) -> Range<usize> {
        let Some((last, parents)) = path.split_last() else {
            return self.span.clone();
        };
        let parent = self.nearest(parents);
        if let Kind::Map(entries) = &parent.kind
            && let Some((key, _)) = entries.iter().find(|(key, _)| key.name == *last)
        {
            return key.span.clone();
        }
        self.nearest(path).span.clone()
    }

    /// The value without places.
    pub(crate) fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Scalar { value, .. } => value.clone(),
            Kind::List(elements) => elements.iter().map(Self::to_value).collect(),
            Kind::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.name.clone(), node.to_value()))
                .collect(),
        }
    }

    /// What it is, in words.
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
            Kind::Scalar { value, text } => {
                let kind = match value {
                    Value::Bool(_) => "",
                    Value::Number(_) => "the number ",
                    _ => "the text ",
                };
                let shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
                format!("{kind}`{shown}`")
            }
        }
    }
}

/// The tree as serde builds it, before places are turned into offsets.
struct Raw {
    kind: RawKind,
    location: Location,
}

enum RawKind {
    Null,
    Scalar(Value),
    List(Vec<Raw>),
    Map(Vec<(String, Location, Raw)>),
}

impl Raw {
    fn place(self, source: &str) -> Node {
        let span = offsets(&self.location, source);
        let kind = match self.kind {
            RawKind::Null => Kind::Null,
            RawKind::Scalar(Value::String(text)) => Kind::Scalar {
                value: Value::String(text.clone()),
                text,
            },
            RawKind::Scalar(value) => {
                // Numbers keep their spelling; the parser's own form is the fallback for tags.
                let written = source.get(span.clone()).map(str::trim);
                let plain = written.filter(|text| {
                    let begins =
                        text.starts_with(|c: char| c.is_alphanumeric() || "+-.".contains(c));
                    begins && !text.contains(char::is_whitespace)
                });
                let text = plain.map_or_else(|| value.to_string(), str::to_owned);
                Kind::Scalar { value, text }
            }
            RawKind::List(elements) => Kind::List(
                elements
                    .into_iter()
                    .map(|element| element.place(source))
                    .collect(),
            ),
            RawKind::Map(entries) => Kind::Map(
                entries
                    .into_iter()
                    .map(|(name, location, value)| {
                        let span = offsets(&location, source);
                        (Key { name, span }, value.place(source))
                    })
                    .collect(),
            ),
        };
        Node { kind, span }
    }
}

/// A location as a range of bytes that is inside the source and on character boundaries.
pub(crate) fn offsets(location: &Location, source: &str) -> Range<usize> {
    let span = location.span();
    let start = span
        .byte_offset()
        .map_or(source.len(), |at| at as usize)
        .min(source.len());
    let length = span.byte_len().unwrap_or(0) as usize;
    let end = start.saturating_add(length).min(source.len());
    source.floor_char_boundary(start)..source.ceil_char_boundary(end)
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<RawKind>::deserialize(deserializer)?;
        Ok(Self {
            kind: spanned.value,
            location: spanned.defined,
        })
    }
}

impl<'de> Deserialize<'de> for RawKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyKind)
    }
}

struct AnyKind;

impl<'de> Visitor<'de> for AnyKind {
    type Value = RawKind;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Null)
    }

    fn visit_none<E>(self) -> Result<RawKind, E> {
        Ok(RawKind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawKind, D::Error> {
        RawKind::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawKind, E> {
        Ok(RawKind::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<RawKind, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element()? {
            elements.push(element);
        }
        Ok(RawKind::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawKind, A::Error> {
        let mut entries = Vec::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = access.next_key::<Spanned<String>>()? {
            let value = access.next_value()?;
            if seen.insert(key.value.clone()) {
                entries.push((key.value, key.defined, value));
            }
        }
        Ok(RawKind::Map(entries))
    }
}
