//! Filters of list operations: all must hold, of each any value; `*` and `?` stand for any text
//! and any character.

use super::fault::value;
use crate::fault::Fault;
use serde_json::Value;

/// Most filters of a request, and values of one.
const MOST: usize = 50;
const MOST_VALUES: usize = 200;

/// A condition.
#[derive(Debug)]
pub(super) struct Filter {
    name: String,
    values: Vec<String>,
}

/// The filters of a request.
pub(super) fn read(request: &Value) -> Result<Vec<Filter>, Fault> {
    let Some(filters) = request.get("Filter") else {
        return Ok(Vec::new());
    };
    let wrong = || value("a Filter needs a Name and Values");
    let filters = filters.as_array().ok_or_else(wrong)?;
    if filters.len() > MOST {
        return Err(value(format!("there are more than {MOST} filters")));
    }
    let mut read = Vec::new();
    for filter in filters {
        let name = filter
            .get("Name")
            .and_then(Value::as_str)
            .ok_or_else(wrong)?;
        let values = filter
            .get("Value")
            .and_then(Value::as_array)
            .ok_or_else(wrong)?;
        let values: Option<Vec<String>> = values
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect();
        let values = values.filter(|values| (1..=MOST_VALUES).contains(&values.len()));
        read.push(Filter {
            name: name.to_owned(),
            values: values.ok_or_else(wrong)?,
        });
    }
    Ok(read)
}

/// Whether something passes all filters. `of` gives what it has for a filter's name: several
/// values, none, or `None` when there is no such filter.
pub(super) fn passes(
    filters: &[Filter],
    of: impl Fn(&str) -> Option<Vec<String>>,
) -> Result<bool, Fault> {
    for filter in filters {
        let Some(own) = of(&filter.name) else {
            let name: String = filter.name.chars().take(60).collect();
            return Err(value(format!("The filter '{name}' is invalid")));
        };
        let any = own.iter().any(|own| {
            let mut wanted = filter.values.iter();
            wanted.any(|wanted| fits(wanted.as_bytes(), own.as_bytes()))
        });
        if !any {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a text has the form of a pattern. Goes back to the last `*` only, so that no pattern
/// takes longer than the product of both lengths.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(of) {
            Some(b'*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(b'?') => (at, of) = (at + 1, of + 1),
            Some(b'\\') if pattern.get(of + 1) == Some(&text[at]) => (at, of) = (at + 1, of + 2),
            Some(byte) if *byte == text[at] => (at, of) = (at + 1, of + 1),
            _ => {
                let Some((place, from)) = star else {
                    return false;
                };
                star = Some((place, from + 1));
                (of, at) = (place + 1, from + 1);
            }
        }
    }
    pattern[of..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_fit_as_the_documentation_says() {
        for (pattern, text, whether) in [
            ("m5.*", "m5.large", true),
            ("m5.*", "m5a.large", false),
            ("*large", "m5.xlarge", true),
            ("t?.micro", "t3.micro", true),
            ("t?.micro", "t3a.micro", false),
            ("a*b*c", "a-b-b-c", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(
                fits(pattern.as_bytes(), text.as_bytes()),
                whether,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn filters_are_conjunctions_of_alternatives_and_unknown_ones_are_refused() {
        let request = json!({"Filter": [
            {"Name": "tag:team", "Value": ["search", "ads"]},
            {"Name": "instance-state-name", "Value": ["running"]},
        ]});
        let filters = read(&request).unwrap();
        let of = |state: &'static str| {
            move |name: &str| match name {
                "tag:team" => Some(vec!["ads".to_owned()]),
                "instance-state-name" => Some(vec![state.to_owned()]),
                _ => None,
            }
        };
        assert!(passes(&filters, of("running")).unwrap());
        assert!(!passes(&filters, of("pending")).unwrap());
        let unknown = read(&json!({"Filter": [{"Name": "colour", "Value": ["x"]}]})).unwrap();
        let refused = passes(&unknown, of("running")).unwrap_err();
        assert_eq!(refused.code, "InvalidParameterValue");
        for bad in [
            json!("x"),
            json!([{"Name": "x"}]),
            json!([{"Name": "x", "Value": []}]),
        ] {
            assert!(read(&json!({"Filter": bad})).is_err());
        }
    }
}
