//! The template as a tree. Intrinsic functions are calls, whichever way they are written.

use crate::error::Mistake;
use serde_json::Value;
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};
use std::ops::Range;

/// CloudFormation's own limit of a template.
pub(super) const LARGEST_FILE: usize = 1 << 20;
const DEEPEST: usize = 64;
const MOST_NODES: usize = 100_000;

/// A value with its place in bytes of the source.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Null,
    /// A scalar; `text` is how it is written.
    Scalar {
        value: Value,
        text: String,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// An intrinsic function by its short name (`Ref`, `Sub`, …) and its argument.
    Call(String, Box<Node>),
}

/// A key with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) span: Range<usize>,
}

impl Node {
    /// The entries of a map.
    pub(super) fn entries(&self) -> Option<&[(Key, Node)]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key.
    pub(super) fn get(&self, wanted: &str) -> Option<&Node> {
        let found = self.entries()?.iter().find(|(key, _)| key.name == wanted);
        found.map(|(_, value)| value)
    }

    /// A scalar as it is written.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// Reads the one document of a template.
pub(super) fn read(source: &str) -> Result<Node, Mistake> {
    let mut builder = Builder {
        events: Parser::new_from_str(source),
        nodes: 0,
    };
    loop {
        let (event, span) = builder.next()?;
        match event {
            Event::StreamStart | Event::DocumentStart(..) => {}
            Event::StreamEnd | Event::DocumentEnd => {
                return Err(Mistake::at(0..0, "the template is empty"));
            }
            other => return builder.node(other, &span, 0),
        }
    }
}

struct Builder<T> {
    events: T,
    nodes: usize,
}

impl<'a, T> Builder<T>
where
    T: Iterator<Item = Result<(Event<'a>, Span), ScanError>>,
{
    /// The next event that is no comment.
    fn next(&mut self) -> Result<(Event<'a>, Span), Mistake> {
        loop {
            match self.events.next() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(found)) => return Ok(found),
                Some(Err(error)) => {
                    let at = error.marker().byte_offset().unwrap_or(0);
                    return Err(Mistake::at(
                        at..at,
                        format!("this is not YAML: {}", error.info()),
                    ));
                }
                None => return Err(Mistake::at(0..0, "the template ends too early")),
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: &Span, depth: usize) -> Result<Node, Mistake> {
        let place = bytes(span);
        self.nodes += 1;
        if depth > DEEPEST || self.nodes > MOST_NODES {
            return Err(Mistake::at(place, "the template is too deep or too large"));
        }
        let (kind, tag) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                refuse_anchor(anchor, &place)?;
                (scalar(&text, style), tag)
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_anchor(anchor, &place)?;
                let mut items = Vec::new();
                loop {
                    let (event, span) = self.next()?;
                    if event == Event::SequenceEnd {
                        break;
                    }
                    items.push(self.node(event, &span, depth + 1)?);
                }
                (Kind::List(items), tag)
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_anchor(anchor, &place)?;
                (Kind::Map(self.entries(depth)?), tag)
            }
            _ => {
                let message = "anchors and aliases are not supported in templates";
                return Err(Mistake::at(place, message));
            }
        };
        let node = Node { kind, span: place };
        match tag {
            Some(tag) => call_of_tag(&tag, node),
            None => Ok(call_of_map(node)),
        }
    }

    fn entries(&mut self, depth: usize) -> Result<Vec<(Key, Node)>, Mistake> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let place = bytes(&span);
            let name = match event {
                Event::MappingEnd => return Ok(entries),
                Event::Scalar(text, ..) => text.into_owned(),
                _ => return Err(Mistake::at(place, "a key must be text")),
            };
            if entries.iter().any(|(key, _)| key.name == name) {
                return Err(Mistake::at(place, format!("`{name}` is there twice")));
            }
            let (event, span) = self.next()?;
            let value = self.node(event, &span, depth + 1)?;
            entries.push((Key { name, span: place }, value));
        }
    }
}

fn bytes(span: &Span) -> Range<usize> {
    let at = |marker: serde_saphyr::granit_parser::Marker| marker.byte_offset().unwrap_or(0);
    at(span.start)..at(span.end)
}

fn refuse_anchor(anchor: usize, place: &Range<usize>) -> Result<(), Mistake> {
    match anchor {
        0 => Ok(()),
        _ => Err(Mistake::at(
            place.clone(),
            "anchors and aliases are not supported in templates",
        )),
    }
}

/// YAML 1.2's core schema for plain scalars; whatever is quoted is text.
fn scalar(text: &str, style: ScalarStyle) -> Kind {
    let value = match (style, text) {
        (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => return Kind::Null,
        (ScalarStyle::Plain, "true" | "True" | "TRUE") => Value::Bool(true),
        (ScalarStyle::Plain, "false" | "False" | "FALSE") => Value::Bool(false),
        (ScalarStyle::Plain, plain) => match plain.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => match plain.parse::<f64>() {
                Ok(number) if plain.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                    Value::from(number)
                }
                _ => Value::from(plain),
            },
        },
        (_, quoted) => Value::from(quoted),
    };
    Kind::Scalar {
        value,
        text: text.to_owned(),
    }
}

/// `!Ref x` and its like.
fn call_of_tag(tag: &Tag, node: Node) -> Result<Node, Mistake> {
    let written = tag.to_string();
    let Some(name) = written
        .strip_prefix('!')
        .filter(|name| !name.starts_with('!'))
    else {
        // Tags of YAML itself, such as `!!str`, do not change what a template means.
        return Ok(call_of_map(node));
    };
    if !name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return Err(Mistake::at(
            node.span,
            format!("the tag `{written}` is unknown"),
        ));
    }
    let span = node.span.clone();
    Ok(Node {
        kind: Kind::Call(name.to_owned(), Box::new(node)),
        span,
    })
}

/// `{"Ref": x}` and `{"Fn::Sub": x}`.
fn call_of_map(node: Node) -> Node {
    let Kind::Map(entries) = &node.kind else {
        return node;
    };
    let [(key, _)] = entries.as_slice() else {
        return node;
    };
    let name = match key.name.as_str() {
        "Ref" => "Ref",
        other => match other.strip_prefix("Fn::") {
            Some(name) => name,
            None => return node,
        },
    };
    let name = name.to_owned();
    let Node { kind, span } = node;
    let Kind::Map(entries) = kind else {
        return Node { kind, span };
    };
    let argument = entries.into_iter().next().map(|(_, value)| value);
    let kind = match argument {
        Some(argument) => Kind::Call(name, Box::new(argument)),
        None => Kind::Null,
    };
    Node { kind, span }
}
