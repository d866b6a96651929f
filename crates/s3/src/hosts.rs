//! Buckets in host names: `bucket.s3.amazonaws.com`, `bucket.s3.eu-west-1.amazonaws.com`,
//! `bucket.localhost` (Amazon S3, "Virtual hosting of general purpose buckets").

use http::{HeaderMap, Uri};
use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// Knows under which domains a bucket's name may stand.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    /// Besides Amazon's own and `localhost`; lower case.
    domains: Vec<String>,
}

impl Hosts {
    pub(crate) fn new(domains: &[String]) -> Self {
        Self {
            domains: domains.iter().map(|d| d.to_ascii_lowercase()).collect(),
        }
    }

    /// The bucket before one of the domains.
    fn bucket<'a>(&self, host: &'a str) -> Option<&'a str> {
        if let Some(rest) = host.strip_suffix(".amazonaws.com") {
            return amazon(rest);
        }
        self.domains
            .iter()
            .map(String::as_str)
            .chain(["localhost"])
            .find_map(|domain| host.strip_suffix(domain)?.strip_suffix('.'))
            .filter(|bucket| !bucket.is_empty())
    }
}

/// The bucket in what stands before `.amazonaws.com`: `b.s3`, `b.s3.region`, `b.s3-region`,
/// `b.s3.dualstack.region`; bucket names may have dots themselves.
fn amazon(rest: &str) -> Option<&str> {
    let bucket_of = |at: usize| rest.get(..at).filter(|bucket| !bucket.is_empty());
    if let Some(bucket) = rest.strip_suffix(".s3") {
        return Some(bucket);
    }
    let (before, last) = rest.rsplit_once('.')?;
    if last.starts_with("s3-") {
        return bucket_of(before.len());
    }
    for service in [".s3.dualstack", ".s3"] {
        if let Some(bucket) = before.strip_suffix(service) {
            return bucket_of(bucket.len());
        }
    }
    None
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

impl Hosts {
    /// The bucket that a request is about, from its host or the first segment of its path.
    pub(crate) fn bucket_of(&self, headers: &HeaderMap, uri: &Uri) -> Option<String> {
        let host = headers
            .get(http::header::HOST)
            .and_then(|h| h.to_str().ok());
        let host = host.or_else(|| uri.host());
        if let Some(bucket) = host.and_then(|host| self.bucket(name_of(host))) {
            return Some(bucket.to_owned());
        }
        let first = uri.path().split('/').nth(1)?;
        let decoded = percent_encoding::percent_decode_str(first)
            .decode_utf8()
            .ok()?;
        Some(decoded.into_owned()).filter(|bucket| !bucket.is_empty())
    }
}

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = name_of(host);
        let parsed = VirtualHost::new(name);
        Ok(match self.bucket(name) {
            Some(bucket) => parsed.with_bucket(bucket),
            None => parsed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_in_hosts() {
        let hosts = Hosts::new(&["s3.Example.org".to_owned()]);
        for (host, bucket) in [
            ("data.s3.amazonaws.com", Some("data")),
            ("my.data.s3.us-east-1.amazonaws.com", Some("my.data")),
            ("data.s3-eu-west-1.amazonaws.com:443", Some("data")),
            ("data.s3.dualstack.eu-west-1.amazonaws.com", Some("data")),
            ("data.localhost:7077", Some("data")),
            ("data.s3.example.org", Some("data")),
            ("s3.example.org", None),
            ("s3.amazonaws.com", None),
            ("s3.us-east-1.amazonaws.com", None),
            ("s3-us-west-2.amazonaws.com", None),
            ("s3.dualstack.us-east-1.amazonaws.com", None),
            ("localhost", None),
            (".localhost", None),
            ("127.0.0.1.nip.io", None),
        ] {
            let parsed = hosts.parse_host_header(host).unwrap();
            assert_eq!(parsed.bucket(), bucket, "{host}");
        }
    }
}
