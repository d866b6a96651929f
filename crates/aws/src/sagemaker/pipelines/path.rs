//! Paths into JSON: `a.b[0].c['d']`, as step properties and property files are referred to.

use serde_json::Value;

/// Members by which an element of a list is told apart by name.
const NAMES: &[&str] = &[
    "OutputName",
    "InputName",
    "ChannelName",
    "MetricName",
    "Name",
];

/// One part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A member, or a named element of a list.
    Name(String),
    /// An element of a list.
    Index(usize),
}

/// Reads a path; `None` when it is none.
pub(crate) fn parse(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text.strip_prefix("$.").unwrap_or(text);
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (part, after) = bracket(inner)?;
            parts.push(part);
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return None;
            }
            parts.push(Part::Name(rest[..end].to_owned()));
            let after = &rest[end..];
            rest = after.strip_prefix('.').unwrap_or(after);
            if rest.is_empty() && after == "." {
                return None;
            }
        }
    }
    (!parts.is_empty()).then_some(parts)
}

fn bracket(inner: &str) -> Option<(Part, &str)> {
    for quote in ['\'', '"'] {
        if let Some(text) = inner.strip_prefix(quote) {
            let end = text.find(quote)?;
            let after = text[end + 1..].strip_prefix(']')?;
            return Some((Part::Name(text[..end].to_owned()), after));
        }
    }
    let end = inner.find(']')?;
    let index = inner[..end].parse().ok()?;
    Some((Part::Index(index), &inner[end + 1..]))
}

/// What a path leads to.
pub(crate) fn walk<'a>(value: &'a Value, parts: &[Part]) -> Option<&'a Value> {
    parts.iter().try_fold(value, |at, part| match (part, at) {
        (Part::Name(name), Value::Object(members)) => members.get(name),
        (Part::Name(name), Value::Array(all)) => all.iter().find(|element| {
            let named = |key: &&str| element.get(*key).and_then(Value::as_str);
            NAMES.iter().filter_map(named).any(|found| found == name)
        }),
        (Part::Index(index), Value::Array(all)) => all.get(*index),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at<'a>(value: &'a Value, text: &str) -> Option<&'a Value> {
        walk(value, &parse(text)?)
    }

    #[test]
    fn paths_lead_through_members_lists_and_names() {
        let value = json!({"a": {"b": [{"c": 1}, {"OutputName": "train", "S3Output": {"S3Uri": "s3://b/t"}}]}});
        assert_eq!(at(&value, "a.b[0].c"), Some(&json!(1)));
        assert_eq!(
            at(&value, "a.b['train'].S3Output.S3Uri"),
            Some(&json!("s3://b/t"))
        );
        assert_eq!(
            at(&value, "$.a.b[1][\"OutputName\"]"),
            Some(&json!("train"))
        );
        assert_eq!(at(&value, "a.b[2]"), None);
        assert_eq!(at(&value, "a.c"), None);
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for bad in ["", ".", "a..b", "a[", "a[x]", "a['x", "a.", "a['x'"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
