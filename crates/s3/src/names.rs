//! Names of the wire: ARNs, canonical ids, keys in URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use s3s::dto::Owner;

/// What `encoding-type=url` leaves as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// ARN of a bucket.
pub(crate) fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

/// ARN of an object.
pub(crate) fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

/// ARN of a key of the key ring.
pub(crate) fn key_arn(region: &str, account: &str, id: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:key/{id}")
}

/// The canonical user id of an account: 64 hexadecimal digits, as Amazon's are.
pub(crate) fn canonical_id(account: &str) -> String {
    format!("{account:0>64}")
}

/// The owner of everything that an account has.
pub(crate) fn owner(account: &str) -> Owner {
    Owner {
        display_name: None,
        id: Some(canonical_id(account)),
    }
}

/// How a listing writes keys and prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// As they are.
    Plain,
    /// Percent-encoded.
    Url,
}

impl Written {
    /// From the parameter `encoding-type`.
    pub(crate) fn read(asked: Option<&s3s::dto::EncodingType>) -> Result<Self, s3s::S3Error> {
        match asked.map(s3s::dto::EncodingType::as_str) {
            None => Ok(Self::Plain),
            Some("url") => Ok(Self::Url),
            Some(_) => Err(s3s::s3_error!(
                InvalidArgument,
                "Invalid Encoding Method specified in Request"
            )),
        }
    }

    pub(crate) fn write(self, text: impl Into<String>) -> String {
        let text = text.into();
        match self {
            Self::Plain => text,
            Self::Url => utf8_percent_encode(&text, PLAIN).to_string(),
        }
    }

    pub(crate) fn shown(self) -> Option<s3s::dto::EncodingType> {
        (self == Self::Url).then(|| s3s::dto::EncodingType::from_static("url"))
    }
}

/// Reads `a=1&b=2` with percent-encoding and `+` for a space; `None` when it is not UTF-8.
pub(crate) fn read_form(text: &str) -> Option<Vec<(String, String)>> {
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_decode_str(&spaced)
            .decode_utf8()
            .ok()
            .map(std::borrow::Cow::into_owned)
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_urls_come_back() {
        for key in ["a b", "ä/ö", "a+b", "%2F", "x//y", "..", "a\u{1}b"] {
            let written = Written::Url.write(key);
            let read = percent_decode_str(&written).decode_utf8().unwrap();
            assert_eq!(read, key);
            assert!(written.is_ascii() && !written.contains(['+', ' ']));
        }
    }

    #[test]
    fn forms() {
        let read = read_form("a=1&b+c=%C3%A4&d").unwrap();
        assert_eq!(read[1], ("b c".to_owned(), "ä".to_owned()));
        assert_eq!(read[2], ("d".to_owned(), String::new()));
        assert_eq!(read_form("a=%FF"), None);
    }
}
