//! Which names buckets and objects may have. No path is ever made from a key, so `../` in one is
//! only a name; what is refused here is what databases, URLs or the row ids could not hold.

use crate::error::Error;

/// Longest key in bytes of UTF-8 (Amazon S3 user guide, "Naming Amazon S3 objects").
pub const LONGEST_KEY: usize = 1_024;

/// Longest key in bytes once U+0001 and U+0002 are escaped.
const LONGEST_ESCAPED: usize = 1_200;

/// Checks a bucket name: 3 to 63 characters of `a-z`, `0-9`, `-`, `.` (and `_`, which Cloud
/// Storage allows), beginning and ending with a letter or digit, no `..`, no IPv4 address.
/// Everything that S3, Cloud Storage (without domain-named buckets) and Azure containers allow is
/// accepted.
///
/// Sources: Amazon S3 "General purpose bucket naming rules", Cloud Storage "Bucket names", Azure
/// "Naming and referencing containers".
pub fn check_bucket(name: &str) -> Result<(), Error> {
    let fail = |reason| {
        Err(Error::InvalidName {
            what: "bucket name",
            name: shorten(name),
            reason,
        })
    };
    if !(3..=63).contains(&name.len()) {
        return fail("it must have 3 to 63 characters");
    }
    if !name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.' | b'_'))
    {
        return fail("only lower-case letters, digits, `-`, `.` and `_` are allowed");
    }
    let bytes = name.as_bytes();
    let is_word = |b: u8| b.is_ascii_alphanumeric();
    if !is_word(bytes[0]) || !is_word(bytes[bytes.len() - 1]) {
        return fail("it must begin and end with a letter or digit");
    }
    if name.contains("..") {
        return fail("two dots may not stand together");
    }
    if name.parse::<std::net::Ipv4Addr>().is_ok() {
        return fail("it may not look like an IP address");
    }
    Ok(())
}

/// Checks a key: 1 to 1,024 bytes of any UTF-8 but NUL, which no database column of text holds.
pub fn check_key(key: &str) -> Result<(), Error> {
    let fail = |reason| {
        Err(Error::InvalidName {
            what: "key",
            name: shorten(key),
            reason,
        })
    };
    if key.is_empty() {
        return fail("it is empty");
    }
    if key.len() > LONGEST_KEY {
        return fail("it has more than 1,024 bytes");
    }
    if key.contains('\0') {
        return fail("it has a NUL character");
    }
    // Rows of versions and uploads escape these two, and their ids are bounded.
    let escaped = key.bytes().filter(|b| matches!(b, 1 | 2)).count();
    if key.len() + escaped > LONGEST_ESCAPED {
        return fail("it has too many of the characters U+0001 and U+0002");
    }
    Ok(())
}

/// Refuses bucket names that cannot be: one with a slash would reach into another bucket's rows.
pub(crate) fn bucket_or_missing(bucket: &str) -> Result<(), Error> {
    check_bucket(bucket).map_err(|_| Error::NoSuchBucket(shorten(bucket)))
}

/// A caller's marker in a form that a row's id can be compared with: what is beyond the longest
/// key, or behind a NUL, makes no difference to which keys are greater.
pub(crate) fn marker(text: &str) -> &str {
    let text = text.split('\0').next().unwrap_or_default();
    let end = (0..=text.len().min(LONGEST_KEY))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    &text[..end]
}

fn shorten(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_names_of_the_three_clouds() {
        for good in [
            "abc",
            "my-bucket.logs",
            "0data0",
            "snake_case",
            &"a".repeat(63),
        ] {
            assert!(check_bucket(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ab",
            "Abc",
            "a b",
            "-abc",
            "abc-",
            "a..b",
            "../etc",
            "192.168.0.1",
            "ab/c",
            "äbc",
            &"a".repeat(64),
        ] {
            assert!(check_bucket(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_are_only_names() {
        for good in [
            "../../etc/passwd",
            "/",
            "a//b",
            "ä\u{10FFFF}",
            "\u{1}",
            &"k".repeat(1_024),
        ] {
            assert!(check_key(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a\0b",
            &"k".repeat(1_025),
            &"ä".repeat(513),
            &"\u{1}".repeat(601),
        ] {
            assert!(check_key(bad).is_err());
        }
    }
}
