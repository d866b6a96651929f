//! Cross-origin requests: the answer to a preflight, and the headers of an actual request from a
//! page (Amazon S3, "Using cross-origin resource sharing"; the Fetch standard).

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue, ORIGIN, VARY,
};
use objects::Bucket;
use serde::{Deserialize, Serialize};

/// Name of the kept document.
pub(crate) const DOCUMENT: &str = "s3:cors";

/// One rule of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) id: Option<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) methods: Vec<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) exposed: Vec<String>,
    pub(crate) max_age_seconds: Option<i32>,
}

/// The rules of a bucket.
pub(crate) fn rules(bucket: &Bucket) -> Vec<Rule> {
    let text = bucket.settings.documents.get(DOCUMENT);
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

/// What a page asks for.
pub(crate) struct Asked {
    origin: String,
    method: String,
    headers: Vec<String>,
}

impl Asked {
    /// Reads the headers of a preflight (`OPTIONS`) or actual request; `None` when it is not from
    /// another origin.
    pub(crate) fn read(method: &http::Method, headers: &HeaderMap) -> Option<Self> {
        let text = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::to_owned);
        let origin = text(&ORIGIN)?;
        if *method != http::Method::OPTIONS {
            return Some(Self {
                origin,
                method: method.as_str().to_owned(),
                headers: vec![],
            });
        }
        let wanted = text(&ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
        Some(Self {
            origin,
            method: text(&ACCESS_CONTROL_REQUEST_METHOD)?,
            headers: wanted
                .split(',')
                .map(|name| name.trim().to_ascii_lowercase())
                .filter(|name| !name.is_empty())
                .collect(),
        })
    }
}

/// `*` at most once.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern.eq_ignore_ascii_case(text),
        Some((before, after)) => {
            let (text, before, after) = (
                text.to_ascii_lowercase(),
                before.to_ascii_lowercase(),
                after.to_ascii_lowercase(),
            );
            text.len() >= before.len() + after.len()
                && text.starts_with(&before)
                && text.ends_with(&after)
        }
    }
}

impl Rule {
    fn allows(&self, asked: &Asked) -> bool {
        self.origins
            .iter()
            .any(|origin| fits(origin, &asked.origin))
            && self.methods.contains(&asked.method)
            && asked
                .headers
                .iter()
                .all(|name| self.headers.iter().any(|allowed| fits(allowed, name)))
    }
}

/// The headers that let the page read the answer; `None` when no rule allows it.
pub(crate) fn headers(rules: &[Rule], asked: &Asked) -> Option<HeaderMap> {
    let rule = rules.iter().find(|rule| rule.allows(asked))?;
    let mut map = HeaderMap::new();
    let mut add = |name: HeaderName, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            map.insert(name, value);
        }
    };
    let is_any = rule.origins.iter().any(|origin| origin == "*");
    let origin = if is_any { "*" } else { &asked.origin };
    add(ACCESS_CONTROL_ALLOW_ORIGIN, origin.to_owned());
    add(ACCESS_CONTROL_ALLOW_METHODS, rule.methods.join(", "));
    if !asked.headers.is_empty() {
        add(ACCESS_CONTROL_ALLOW_HEADERS, asked.headers.join(", "));
    }
    if !rule.exposed.is_empty() {
        add(ACCESS_CONTROL_EXPOSE_HEADERS, rule.exposed.join(", "));
    }
    if let Some(seconds) = rule.max_age_seconds {
        add(ACCESS_CONTROL_MAX_AGE, seconds.to_string());
    }
    add(
        VARY,
        "Origin, Access-Control-Request-Headers, Access-Control-Request-Method".to_owned(),
    );
    Some(map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_and_headers() {
        let rule = Rule {
            id: None,
            origins: vec!["https://*.example.org".to_owned()],
            methods: vec!["GET".to_owned()],
            headers: vec!["x-amz-*".to_owned()],
            exposed: vec!["ETag".to_owned()],
            max_age_seconds: Some(60),
        };
        let asked = |origin: &str, method: &str, header: &str| Asked {
            origin: origin.to_owned(),
            method: method.to_owned(),
            headers: vec![header.to_owned()],
        };
        let good = asked("https://a.example.org", "GET", "x-amz-date");
        let headers = headers(std::slice::from_ref(&rule), &good).unwrap();
        assert_eq!(
            headers[ACCESS_CONTROL_ALLOW_ORIGIN],
            "https://a.example.org"
        );
        assert_eq!(headers[ACCESS_CONTROL_MAX_AGE], "60");
        for bad in [
            asked("https://example.com", "GET", "x-amz-date"),
            asked("https://a.example.org", "PUT", "x-amz-date"),
            asked("https://a.example.org", "GET", "authorization"),
        ] {
            assert!(!rule.allows(&bad));
        }
    }
}
