//! Variables in resources and condition values: `${aws:username}` is the fact of that key (IAM user
//! guide, "IAM policy elements: Variables and tags").

use crate::access::Facts;
use std::borrow::Cow;

/// A text with its variables filled in; `None` when a fact is missing, has several values, or has a
/// wildcard, which would match more than it is.
pub(super) fn fill<'a>(text: &'a str, facts: &Facts) -> Option<Cow<'a, str>> {
    if !text.contains("${") {
        return Some(Cow::Borrowed(text));
    }
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}')?;
        filled.push_str(before);
        filled.push_str(value(name, facts)?);
        rest = behind;
    }
    filled.push_str(rest);
    Some(Cow::Owned(filled))
}

fn value<'a>(name: &str, facts: &'a Facts) -> Option<&'a str> {
    if name == "$" {
        return Some("$");
    }
    let values = facts.get(&name.trim().to_ascii_lowercase())?;
    let [value] = values.as_slice() else {
        return None;
    };
    (!value.contains(['*', '?'])).then_some(value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_filled_in() {
        let facts = Facts::from([
            ("aws:username".to_owned(), vec!["ann".to_owned()]),
            ("wild".to_owned(), vec!["a*".to_owned()]),
            ("two".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
        ]);
        let fill = |text: &str| fill(text, &facts).map(Cow::into_owned);
        assert_eq!(fill("a/*").as_deref(), Some("a/*"));
        assert_eq!(fill("h/${aws:UserName}/x").as_deref(), Some("h/ann/x"));
        assert_eq!(fill("${$}{x}").as_deref(), Some("${x}"));
        for bad in [
            "${aws:userid}",
            "${wild}",
            "${two}",
            "${aws:username",
            "${*}",
        ] {
            assert_eq!(fill(bad), None, "{bad}");
        }
    }
}
