//! The properties of a resource by the names that searches use: `HyperParameters.alpha`,
//! `Tags.team`, `Metrics.accuracy.Max`, `InputDataConfig.DataSource.S3DataSource.S3Uri`.

use serde_json::Value;

/// All values of a property: several where a list is on the way. Names of members may have dots.
pub(crate) fn values<'a>(item: &'a Value, name: &str) -> Vec<&'a Value> {
    match item {
        Value::Array(items) => items.iter().flat_map(|item| values(item, name)).collect(),
        Value::Object(members) => {
            if let Some(value) = members.get(name) {
                return leaves(value);
            }
            let dots = name.match_indices('.').map(|(at, _)| at);
            let found = dots.filter_map(|at| {
                let value = members.get(&name[..at])?;
                Some(within(&name[..at], value, &name[at + 1..]))
            });
            found.flatten().collect()
        }
        _ => Vec::new(),
    }
}

/// A property of a member; lists of named things are looked up by name.
fn within<'a>(member: &str, value: &'a Value, rest: &str) -> Vec<&'a Value> {
    let keyed = match member {
        "Tags" => Some(("Key", "Value")),
        "FinalMetricDataList" => Some(("MetricName", "Value")),
        _ => None,
    };
    if let (Some((key, part)), Value::Array(items)) = (keyed, value)
        && let Some(found) = items.iter().find(|item| item[key] == rest)
    {
        return vec![&found[part]];
    }
    if let ("Metrics", Value::Array(items)) = (member, value) {
        return metrics(items, rest);
    }
    if let ("Parameters", Some(parameter)) = (member, value.get(rest)) {
        return parameter
            .as_object()
            .into_iter()
            .flat_map(|one| one.values())
            .collect();
    }
    values(value, rest)
}

/// `loss` is the last value, `loss.Max` one of the others.
fn metrics<'a>(items: &'a [Value], rest: &str) -> Vec<&'a Value> {
    let by = |name: &str, part: &str| -> Option<&'a Value> {
        items
            .iter()
            .find(|item| item["MetricName"] == name)?
            .get(part)
    };
    if let Some(value) = by(rest, "Last").or_else(|| by(rest, "Value")) {
        return vec![value];
    }
    match rest.rsplit_once('.') {
        Some((name, part)) => by(name, part).into_iter().collect(),
        None => values_of(items, rest),
    }
}

fn values_of<'a>(items: &'a [Value], name: &str) -> Vec<&'a Value> {
    items.iter().flat_map(|item| values(item, name)).collect()
}

fn leaves(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

/// A value as text.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// All names of properties of a resource that a search could name.
pub(crate) fn names(item: &Value, before: &str, into: &mut std::collections::BTreeSet<String>) {
    match item {
        Value::Object(members) => {
            for (name, value) in members {
                names(value, &joined(before, name), into);
            }
        }
        Value::Array(items) => {
            let keyed = |item: &Value| {
                let key = item.get("Key").or_else(|| item.get("MetricName"))?;
                key.as_str().map(str::to_owned)
            };
            for item in items {
                match keyed(item) {
                    Some(key) => {
                        into.insert(joined(before, &key));
                    }
                    None => names(item, before, into),
                }
            }
        }
        Value::Null => {}
        _ => {
            into.insert(before.to_owned());
        }
    }
}

fn joined(before: &str, name: &str) -> String {
    if before.is_empty() {
        name.to_owned()
    } else {
        format!("{before}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_lead_to_values() {
        let item = json!({
            "HyperParameters": {"a.b": "1"},
            "Tags": [{"Key": "team", "Value": "red"}],
            "Parameters": {"lr": {"NumberValue": 0.5}},
            "Metrics": [{"MetricName": "loss", "Last": 2.0, "Max": 9.0}],
            "FinalMetricDataList": [{"MetricName": "accuracy", "Value": 0.5}],
            "InputDataConfig": [{"Uri": "x"}, {"Uri": "y"}],
        });
        let cases = [
            ("HyperParameters.a.b", json!(["1"])),
            ("Tags.team", json!(["red"])),
            ("Parameters.lr", json!([0.5])),
            ("Metrics.loss", json!([2.0])),
            ("Metrics.loss.Max", json!([9.0])),
            ("FinalMetricDataList.accuracy", json!([0.5])),
            ("InputDataConfig.Uri", json!(["x", "y"])),
            ("Nothing", json!([])),
        ];
        for (name, expected) in cases {
            assert_eq!(json!(values(&item, name)), expected, "{name}");
        }
        let mut all = std::collections::BTreeSet::new();
        names(&item, "", &mut all);
        assert!(all.contains("Tags.team") && all.contains("InputDataConfig.Uri"));
    }
}
