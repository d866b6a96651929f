//! The form of a presigned URL of signature version 4, which is looked at before its signature:
//! the service's own code and text for what is missing or not in its form
//! (Amazon S3, "Authenticating Requests: Using Query Parameters").

use http::Uri;
use s3s::{S3Error, S3ErrorCode, S3Result};
use std::collections::BTreeMap;

/// Longest life of a presigned URL in seconds, a week.
const LONGEST: u64 = 604_800;

/// What all have.
const NEEDED: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
];

/// Refuses a URL that claims to be presigned and is not in the form of one.
pub(crate) fn check(uri: &Uri) -> S3Result<()> {
    let query = uri.query().unwrap_or_default();
    let claims = ["X-Amz-Signature=", "X-Amz-Algorithm=", "X-Amz-Credential="];
    if !claims.iter().any(|name| query.contains(name)) {
        return Ok(());
    }
    let all = crate::names::read_form(query).ok_or_else(|| malformed(MISSING))?;
    let mut found = BTreeMap::new();
    for (name, value) in &all {
        if NEEDED.contains(&name.as_str()) && found.insert(name.as_str(), value.as_str()).is_some()
        {
            return Err(malformed(MISSING));
        }
    }
    let [algorithm, credential, _, date, headers, expires] =
        NEEDED.map(|name| found.get(name).copied().filter(|value| !value.is_empty()));
    let (Some(algorithm), Some(credential), Some(date), Some(_), Some(expires), 6) =
        (algorithm, credential, date, headers, expires, found.len())
    else {
        return Err(malformed(MISSING));
    };
    if algorithm != "AWS4-HMAC-SHA256" {
        return Err(malformed(
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"",
        ));
    }
    if !is_scope(credential) {
        return Err(malformed(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \
             \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ));
    }
    if !is_date(date) {
        return Err(malformed(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"",
        ));
    }
    check_life(expires)
}

const MISSING: &str = "Query-string authentication version 4 requires the X-Amz-Algorithm, \
                       X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and \
                       X-Amz-Expires parameters.";

fn check_life(expires: &str) -> S3Result<()> {
    if expires.starts_with('-') {
        return Err(malformed("X-Amz-Expires must be non-negative"));
    }
    if expires.is_empty() || !expires.bytes().all(|b| b.is_ascii_digit()) {
        return Err(malformed("X-Amz-Expires should be a number"));
    }
    match expires.parse::<u64>() {
        Ok(seconds) if seconds <= LONGEST => Ok(()),
        _ => Err(malformed(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given \
             X-Amz-Expires must be less than 604800 seconds",
        )),
    }
}

fn is_scope(credential: &str) -> bool {
    let parts: Vec<&str> = credential.split('/').collect();
    let [key, day, region, service, "aws4_request"] = parts.as_slice() else {
        return false;
    };
    let are_there = [key, region, service].iter().all(|part| !part.is_empty());
    are_there && day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit())
}

fn is_date(date: &str) -> bool {
    let bytes = date.as_bytes();
    let is_digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    bytes.len() == 16
        && is_digits(&bytes[..8])
        && bytes[8] == b'T'
        && is_digits(&bytes[9..15])
        && bytes[15] == b'Z'
}

fn malformed(message: &'static str) -> S3Error {
    let code = S3ErrorCode::Custom("AuthorizationQueryParametersError".into());
    let mut error = S3Error::with_message(code, message);
    error.set_status_code(http::StatusCode::BAD_REQUEST);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(query: &str) -> Result<(), String> {
        let uri: Uri = format!("http://localhost/b/k?{query}").parse().unwrap();
        check(&uri).map_err(|error| error.message().unwrap_or_default().to_owned())
    }

    #[test]
    fn every_part_must_be_there_once_and_in_its_form() {
        let good = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
        assert_eq!(verdict(good), Ok(()));
        assert_eq!(verdict("versionId=1&list-type=2"), Ok(()));
        for name in NEEDED {
            let without: Vec<&str> = good.split('&').filter(|p| !p.starts_with(name)).collect();
            let told = verdict(&without.join("&")).unwrap_err();
            assert!(told.starts_with("Query-string"), "{name}: {told}");
            let twice = format!("{good}&{name}=again");
            assert!(verdict(&twice).is_err(), "{name} twice");
        }
        let changed = [
            ("=60", "=-1", "non-negative"),
            ("=60", "=soon", "number"),
            ("=60", "=604801", "week"),
            ("=60", "=99999999999999999999999", "week"),
            ("AWS4-HMAC-SHA256", "AWS4-HMAC-MD5", "only supports"),
            ("aws4_request", "aws5_request", "mal-formed"),
            ("AK%2F", "%2F", "mal-formed"),
            ("20260101T000000Z", "yesterday", "ISO8601"),
            ("20260101T000000Z", "%FF", "Query-string"),
        ];
        for (from, to, said) in changed {
            let told = verdict(&good.replace(from, to)).unwrap_err();
            assert!(told.contains(said), "{to}: {told}");
        }
    }
}
