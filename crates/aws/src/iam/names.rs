//! Names and paths of IAM ("IAM and AWS STS quotas" in the IAM user guide).

use crate::fault::Fault;

/// Checks a name: letters, digits and `+=,.@_-`, at most so many.
pub(crate) fn check(name: &str, most: usize) -> Result<(), Fault> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte);
    if !name.is_empty() && name.len() <= most && name.bytes().all(good) {
        return Ok(());
    }
    Err(invalid(
        "The specified value for name is invalid. It must contain only alphanumeric characters \
         and/or the following: +=,.@_-",
    ))
}

/// The path that was given, else `/`.
pub(crate) fn path(path: Option<String>) -> Result<String, Fault> {
    let path = path.unwrap_or_else(|| "/".to_owned());
    let good = |byte: u8| (0x21..0x7f).contains(&byte);
    let is_path = path.starts_with('/') && path.ends_with('/') && !path.contains("//");
    if is_path && path.len() <= 512 && path.bytes().all(good) {
        return Ok(path);
    }
    Err(invalid(
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    ))
}

/// The longest session of a role in seconds; an hour unless said otherwise.
pub(crate) fn longest_session(text: Option<&str>) -> Result<i64, Fault> {
    let Some(text) = text else {
        return Ok(3_600);
    };
    let seconds = text.parse().ok().filter(|n| (3_600..=43_200).contains(n));
    seconds.ok_or_else(|| invalid("MaxSessionDuration must be from 3600 to 43200 seconds"))
}

/// As IAM says that a value is wrong.
pub(crate) fn invalid(text: impl Into<String>) -> Fault {
    Fault::new("ValidationError", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_checked() {
        assert!(check("Role-1_a.b@c", 64).is_ok());
        for bad in ["", "a/b", "a b", "é", "a*", &"a".repeat(65)] {
            assert!(check(bad, 64).is_err(), "{bad}");
        }
        assert_eq!(path(None).unwrap(), "/");
        assert_eq!(path(Some("/a/b/".into())).unwrap(), "/a/b/");
        for bad in ["a", "/a", "a/", "//", "/a b/"] {
            assert!(path(Some(bad.into())).is_err(), "{bad}");
        }
    }
}
