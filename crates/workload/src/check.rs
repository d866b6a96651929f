//! Finds every mistake of form at once, by walking the file beside its own JSON Schema, and
//! brings scalars into the form that the types read: a text where a text is meant, however YAML
//! understood it.

use std::ops::Range;

use domain::nearest::nearest_names;
use serde_json::{Map, Value};

use crate::error::Mistake;
use crate::node::{Key, Kind, Node};

/// Entries of one map or list; a workload of more is generated and should be several.
const MOST_ENTRIES: usize = 10_000;

/// Known keys that are listed when none is near.
const LISTED: usize = 24;

/// The file's content as its types read it, and what is wrong with it.
pub(crate) fn check(root: &Node, schema: &Value) -> (Value, Vec<Mistake>) {
    let mut checker = Checker {
        schema,
        mistakes: Vec::new(),
    };
    let value = checker.value(
        root,
        schema,
        &Place {
            path: String::new(),
            key: None,
        },
    );
    (value.unwrap_or_default(), checker.mistakes)
}

struct Checker<'a> {
    schema: &'a Value,
    mistakes: Vec<Mistake>,
}

/// Where the walk is.
struct Place<'a> {
    /// As people write it: `steps.train.needs`.
    path: String,
    /// The key whose value it is.
    key: Option<&'a Key>,
}

impl Place<'_> {
    /// What to mark: a scalar itself, but a map's or list's key.
    fn span(&self, node: &Node) -> Range<usize> {
        match (&node.kind, self.key) {
            (Kind::Scalar { .. }, _) | (_, None) => node.span.clone(),
            (_, Some(key)) => key.span.clone(),
        }
    }

    fn words(&self) -> String {
        if self.path.is_empty() {
            "the file".to_owned()
        } else {
            format!("`{}`", self.path)
        }
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

impl<'a> Checker<'a> {
    fn value(&mut self, node: &Node, schema: &'a Value, place: &Place<'_>) -> Option<Value> {
        let forms = self.forms(schema);
        if forms.iter().any(|form| form.get("type").is_none()) {
            return Some(node.to_value());
        }
        let fitting = |kind: &str| -> Vec<&'a Value> {
            forms
                .iter()
                .copied()
                .filter(|form| accepts(form, kind))
                .collect()
        };
        match &node.kind {
            Kind::Null if !fitting("null").is_empty() => return Some(Value::Null),
            Kind::Scalar { text, .. } if !fitting("string").is_empty() => {
                return Some(Value::String(text.clone()));
            }
            Kind::Scalar {
                value: value @ Value::Bool(_),
                ..
            } if !fitting("boolean").is_empty() => {
                return Some(value.clone());
            }
            Kind::Null | Kind::Scalar { .. } => {}
            Kind::List(elements) => {
                if let Some(form) = fitting("array").first() {
                    return self.list(elements, form, place);
                }
            }
            Kind::Map(entries) => {
                let candidates = fitting("object");
                if let Some(form) = choose(&candidates, entries) {
                    return Some(self.map(node, entries, form, &candidates, place));
                }
            }
        }
        let mut wanted: Vec<&str> = forms.iter().flat_map(|form| expectations(form)).collect();
        wanted.dedup();
        let (wanted, found) = (wanted.join(" or "), node.describe());
        let at = place.words();
        self.mistake(
            place.span(node),
            format!("expected {wanted} in {at}, found {found}"),
        );
        None
    }

    /// All alternatives of a schema, references followed.
    fn forms(&self, schema: &'a Value) -> Vec<&'a Value> {
        let mut forms = Vec::new();
        let mut pending = vec![schema];
        while let Some(next) = pending.pop() {
            if let Some(name) = next.get("$ref").and_then(Value::as_str) {
                let name = name.trim_start_matches("#/$defs/");
                pending.extend(self.schema.get("$defs").and_then(|all| all.get(name)));
            } else if let Some(alternatives) = next.get("anyOf").and_then(Value::as_array) {
                pending.extend(alternatives.iter().rev());
            } else {
                forms.push(next);
            }
        }
        forms
    }

    fn list(&mut self, elements: &[Node], form: &'a Value, place: &Place<'_>) -> Option<Value> {
        let schema = form.get("items")?;
        let mut values = Vec::new();
        if elements.len() > MOST_ENTRIES {
            let span = place.key.map_or(0..0, |key| key.span.clone());
            let at = place.words();
            self.mistake(span, format!("{at} has more than {MOST_ENTRIES} elements"));
            return None;
        }
        for (at, element) in elements.iter().enumerate() {
            let place = Place {
                path: format!("{}[{at}]", place.path),
                key: place.key,
            };
            values.extend(self.value(element, schema, &place));
        }
        Some(Value::Array(values))
    }

    fn map(
        &mut self,
        node: &Node,
        entries: &[(Key, Node)],
        form: &'a Value,
        candidates: &[&'a Value],
        place: &Place<'_>,
    ) -> Value {
        let further = form
            .get("additionalProperties")
            .filter(|schema| **schema != false);
        let required = required(form);
        let mut map = Map::new();
        if entries.len() > MOST_ENTRIES {
            let at = place.words();
            let message = format!("{at} has more than {MOST_ENTRIES} keys");
            self.mistake(place.span(node), message);
            return Value::Object(map);
        }
        for (key, value) in entries {
            let inner = Place {
                path: joined(&place.path, &key.name),
                key: Some(key),
            };
            let Some(schema) = property(form, &key.name).or(further) else {
                self.unknown(key, form, candidates, place);
                continue;
            };
            let optional = property(form, &key.name).is_some() && !required.contains(&&*key.name);
            if value.kind == Kind::Null && optional {
                continue;
            }
            if let Some(value) = self.value(value, schema, &inner) {
                map.insert(key.name.clone(), value);
            }
        }
        for name in required {
            if !entries.iter().any(|(key, _)| key.name == name) {
                let meaning = property(form, name).and_then(|schema| schema.get("description"));
                let meaning = meaning.and_then(Value::as_str).unwrap_or_default();
                let at = place.words();
                let meaning = meaning
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .trim_end_matches('.');
                let message = format!("the key `{name}` is missing in {at}: {meaning}");
                self.mistake(place.span(node), message);
            }
        }
        Value::Object(map)
    }

    fn unknown(&mut self, key: &Key, form: &Value, candidates: &[&Value], place: &Place<'_>) {
        let at = place.words();
        let name = &key.name;
        let shown: String = name.chars().take(60).flat_map(char::escape_debug).collect();
        if candidates
            .iter()
            .any(|other| property(other, name).is_some())
        {
            let message = format!("the key `{shown}` cannot stand beside the others in {at}");
            return self.mistake(key.span.clone(), message);
        }
        let known = |form: &'_ Value| -> Vec<String> {
            let properties = form.get("properties").and_then(Value::as_object);
            properties
                .map(|all| all.keys().cloned().collect())
                .unwrap_or_default()
        };
        let here = known(form);
        let everywhere: Vec<String> = candidates.iter().flat_map(|form| known(form)).collect();
        let nearest = |names: &[String]| {
            nearest_names(name, names.iter().map(String::as_str))
                .first()
                .map(|near| (*near).to_owned())
        };
        let hint = match nearest(&here).or_else(|| nearest(&everywhere)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if here.len() <= LISTED => format!("expected one of `{}`", here.join("`, `")),
            None => "see `tradewind schema`".to_owned(),
        };
        self.mistake(
            key.span.clone(),
            format!("unknown key `{shown}` in {at}, {hint}"),
        );
    }

    fn mistake(&mut self, span: Range<usize>, message: String) {
        self.mistakes.push(Mistake::at(span, message));
    }
}

/// The form that a map was meant to have: all required keys there, then most known keys, then
/// most required keys, then the first.
fn choose<'a>(candidates: &[&'a Value], entries: &[(Key, Node)]) -> Option<&'a Value> {
    let score = |form: &Value| {
        let has = |name: &str| entries.iter().any(|(key, _)| key.name == name);
        let required = required(form);
        let complete = required.iter().all(|name| has(name));
        let known = entries
            .iter()
            .filter(|(key, _)| property(form, &key.name).is_some())
            .count();
        (complete, known, required.len())
    };
    let mut best: Option<&'a Value> = None;
    for form in candidates {
        if best.is_none_or(|best| score(form) > score(best)) {
            best = Some(form);
        }
    }
    best
}

fn property<'a>(form: &'a Value, name: &str) -> Option<&'a Value> {
    form.get("properties")?.get(name)
}

fn required(form: &Value) -> Vec<&str> {
    let names = form.get("required").and_then(Value::as_array);
    names
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn types(form: &Value) -> Vec<&str> {
    match form.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn accepts(form: &Value, kind: &str) -> bool {
    types(form).contains(&kind)
}

/// What a form is, in words.
fn expectations(form: &Value) -> Vec<&'static str> {
    let types = types(form);
    let words = |kind: &&str| match *kind {
        "object" => Some("a map"),
        "array" => Some("a list"),
        "string" => Some("a text"),
        "boolean" if !types.contains(&"string") => Some("`true` or `false`"),
        "number" | "integer" if !types.contains(&"string") => Some("a number"),
        _ => None,
    };
    types.iter().filter_map(words).collect()
}
