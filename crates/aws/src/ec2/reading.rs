//! Members of requests, which EC2's forms send as texts, and pages of lists.

use super::fault::{dry_run, token, value};
use crate::fault::Fault;
use domain::Timestamp;
use serde_json::Value;

/// A member, whose first letter the models write either way.
fn member<'a>(request: &'a Value, name: &str) -> Option<&'a Value> {
    request
        .get(name)
        .or_else(|| request.get(crate::operation::lower_first(name)))
}

/// A text.
pub(super) fn text<'a>(request: &'a Value, name: &str) -> Option<&'a str> {
    member(request, name)?.as_str()
}

/// A list of texts; nothing when it is not given.
pub(super) fn texts<'a>(request: &'a Value, name: &str) -> Result<Vec<&'a str>, Fault> {
    let wrong = || value(format!("The parameter {name} is no list of texts"));
    match member(request, name) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            let texts = items.iter().map(|item| item.as_str().ok_or_else(wrong));
            texts.collect()
        }
        Some(_) => Err(wrong()),
    }
}

/// A truth.
pub(super) fn truth(request: &Value, name: &str) -> Result<bool, Fault> {
    match text(request, name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(value(format!(
            "The parameter {name} is neither true nor false"
        ))),
    }
}

/// An instant.
pub(super) fn time(request: &Value, name: &str) -> Result<Option<Timestamp>, Fault> {
    let Some(text) = text(request, name) else {
        return Ok(None);
    };
    let read = text.parse::<jiff::Timestamp>();
    let at = read.map_err(|_| value(format!("The parameter {name} is no time in ISO 8601")))?;
    Ok(Some(Timestamp(at.as_millisecond())))
}

/// Says that a request would have been done when it asks no more than that.
pub(super) fn unless_dry(request: &Value) -> Result<(), Fault> {
    if truth(request, "DryRun")? {
        return Err(dry_run());
    }
    Ok(())
}

/// The part of a list that is asked for, and the token of the next one.
pub(super) fn page<T>(
    request: &Value,
    mut all: Vec<T>,
    (least, most): (usize, usize),
) -> Result<(Vec<T>, Option<String>), Fault> {
    let size = match text(request, "MaxResults") {
        None => most,
        Some(text) => {
            let size = text
                .parse()
                .ok()
                .filter(|size| (least..=most).contains(size));
            size.ok_or_else(|| {
                value(format!(
                    "Value ({}) for parameter maxResults is invalid. Expecting a value between \
                     {least} and {most}.",
                    text.chars().take(20).collect::<String>()
                ))
            })?
        }
    };
    let start = match text(request, "NextToken") {
        None => 0,
        Some(text) => {
            let start = text.strip_prefix("from-").and_then(|at| at.parse().ok());
            start.filter(|at| *at <= all.len()).ok_or_else(token)?
        }
    };
    let mut rest = all.split_off(start);
    let next = (rest.len() > size).then(|| format!("from-{}", start + size));
    rest.truncate(size);
    Ok((rest, next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pages_join_to_the_list_and_foreign_tokens_are_refused() {
        let all: Vec<u32> = (0..12).collect();
        let request = json!({"MaxResults": "5"});
        let (first, next) = page(&request, all.clone(), (5, 100)).unwrap();
        let request = json!({"maxResults": "5", "NextToken": next.unwrap()});
        let (second, _) = page(&request, all.clone(), (5, 100)).unwrap();
        assert_eq!((first, second), (all[..5].to_vec(), all[5..10].to_vec()));
        for bad in [json!({"NextToken": "from-13"}), json!({"NextToken": "5"})] {
            let refused = page(&bad, all.clone(), (5, 100)).unwrap_err();
            assert_eq!(refused.code, "InvalidNextToken");
        }
        let refused = page(&json!({"MaxResults": "1"}), all, (5, 100)).unwrap_err();
        assert_eq!(refused.code, "InvalidParameterValue");
        assert!(texts(&json!({"InstanceId": "i-1"}), "InstanceId").is_err());
        assert!(truth(&json!({"DryRun": "maybe"}), "DryRun").is_err());
    }
}
