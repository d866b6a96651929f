//! Which names an archive's entries may have. Strict on purpose: a name that two readers could
//! understand differently is refused, not repaired.

use crate::error::{Breach, Error};

/// The longest component Linux file systems take (`NAME_MAX`, limits.h).
const COMPONENT_LENGTH: usize = 255;

/// Checks a raw name and returns it relative, with single slashes and without `.` components.
/// The empty string is the destination itself.
pub(crate) fn clean(raw: &[u8], longest: usize) -> Result<String, Error> {
    if raw.len() > longest {
        return Err(Error::LimitExceeded {
            breach: Breach::NameLength,
            limit: longest as u64,
            name: printable(&raw[..longest.min(64)]),
        });
    }
    let refuse = |reason| {
        Err(Error::UnsafeName {
            name: printable(raw),
            reason,
        })
    };
    let Ok(name) = std::str::from_utf8(raw) else {
        return refuse("names must be UTF-8");
    };
    if name.is_empty() {
        return refuse("a name may not be empty");
    }
    if name.bytes().all(|byte| byte == b'/') {
        // The top folder under an absolute name, as Python's `tarfile` writes what SageMaker's SDK
        // packs: it is the destination, and leads nowhere else.
        return Ok(String::new());
    }
    if name.starts_with('/') {
        return refuse("names must be relative");
    }
    if name.contains('\\') {
        return refuse("a backslash separates folders on other systems");
    }
    if name.chars().any(char::is_control) {
        return refuse("names may not hold control characters");
    }
    let bytes = name.as_bytes();
    if bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' {
        return refuse("it begins with a drive letter");
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return refuse("`..` could leave the destination"),
            _ if part.len() > COMPONENT_LENGTH => {
                return refuse("a part of it is longer than 255 bytes");
            }
            _ => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A name for error texts: lossy, without control characters, at most about 120 characters.
pub(crate) fn printable(raw: &[u8]) -> String {
    let lossy = String::from_utf8_lossy(&raw[..raw.len().min(4096)]);
    let shown: String = lossy
        .chars()
        .take(120)
        .flat_map(char::escape_debug)
        .collect();
    if lossy.chars().count() > 120 {
        format!("{shown}…")
    } else {
        shown
    }
}

/// The folders above a clean name, outermost first.
pub(crate) fn parents(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').map(|(at, _)| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_are_normalised() {
        for (raw, clean_name) in [
            ("a", "a"),
            ("./a//b/", "a/b"),
            ("a/./b", "a/b"),
            ("./", ""),
            ("/", ""),
            ("é/ü", "é/ü"),
        ] {
            assert_eq!(clean(raw.as_bytes(), 100).unwrap(), clean_name);
        }
    }

    #[test]
    fn tricks_are_refused() {
        let long = "x".repeat(256);
        for raw in [
            "",
            "/etc/passwd",
            "../a",
            "a/../../b",
            "a/..",
            "..",
            "..\\a",
            "C:evil",
            "c:/x",
            "a\0b",
            "a\nb",
            "\\\\server\\share",
            "\u{1b}[2J",
            &long,
        ] {
            assert!(
                matches!(clean(raw.as_bytes(), 1000), Err(Error::UnsafeName { .. })),
                "{raw:?}"
            );
        }
        assert!(matches!(
            clean(b"a\xff", 100),
            Err(Error::UnsafeName { .. })
        ));
        assert!(matches!(
            clean(b"abcdef", 5),
            Err(Error::LimitExceeded { .. })
        ));
    }

    #[test]
    fn parents_are_outermost_first() {
        assert_eq!(parents("a/b/c").collect::<Vec<_>>(), ["a", "a/b"]);
    }
}
