//! The names of resources, as SageMaker's published model bounds them.

use crate::fault::Fault;
use crate::operation::lower_first;

/// Letters and digits, hyphens between them.
pub(crate) fn is_plain(name: &str) -> bool {
    let hyphens = name.starts_with('-') || name.ends_with('-');
    !name.is_empty() && !hyphens && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Checks a name of at most `longest` characters; `member` is the request's member.
pub(crate) fn check(member: &str, name: &str, longest: usize) -> Result<(), Fault> {
    let member = lower_first(member);
    if name.len() > longest {
        return Err(Fault::validation(format!(
            "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: \
             Member must have length less than or equal to {longest}",
            shortened(name)
        )));
    }
    if !is_plain(name) {
        let rest = longest - 1;
        return Err(Fault::validation(format!(
            "1 validation error detected: Value '{}' at '{member}' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){{0,{rest}}}",
            shortened(name)
        )));
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_refused() {
        for bad in ["", "-a", "a-", "a/b", "../x", "a b", "a.b", "ä"] {
            assert_eq!(
                check("ModelName", bad, 63).unwrap_err().code,
                "ValidationException"
            );
        }
        assert!(check("ModelName", &"a".repeat(64), 63).is_err());
        assert!(check("ModelName", "sk-2026-11", 63).is_ok());
    }
}
