//! Names in commands: bills and samples are written by others, and what they call a machine shall be
//! nothing but a name to whoever pastes the command into a shell.

use std::borrow::Cow;

/// A name as one word of a POSIX shell.
pub fn quoted(name: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/:@=+-,".contains(c);
    if !name.is_empty() && name.chars().all(plain) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("'{}'", name.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word() {
        assert_eq!(quoted("i-0abc/x:1@b=2,3+4"), "i-0abc/x:1@b=2,3+4");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a; touch /tmp/x #"), "'a; touch /tmp/x #'");
        assert_eq!(quoted("it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(quoted("größe"), "'größe'");
    }
}
