//! The variables that send a program here: proxy, certificates, and the credentials of the clouds
//! that are answered here. What of the user's own would lead it to a real account is taken away.

use crate::names::{Cloud, DOMAINS};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// The AWS keys that the server made at its first start.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsKeys {
    /// `AKIA…`.
    pub access_key_id: String,
    /// The secret; never printed but where a program must have it.
    pub secret_access_key: String,
    /// `us-east-1`.
    pub region: String,
    /// Twelve digits.
    pub account: String,
}

impl fmt::Debug for AwsKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsKeys")
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// By which way a program comes here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Through the proxy, under the clouds' own host names. Nothing is to be seen of it in a
    /// program, whatever name its SDK dials.
    Proxy,
    /// By `AWS_ENDPOINT_URL`, without TLS, as far as an SDK honours it.
    Endpoint,
    /// By the endpoint where it is honoured and through the proxy elsewhere: for SDKs that know no
    /// proxy, such as those of C++ and Rust.
    Both,
}

/// What the variables are made of.
#[derive(Debug, Clone, Copy)]
pub struct Route<'a> {
    /// `http://127.0.0.1:7077`.
    pub address: &'a str,
    /// The joined bundle of certificates.
    pub bundle: &'a Path,
    /// The keys for AWS's APIs.
    pub aws: &'a AwsKeys,
    /// By which way.
    pub via: Via,
}

/// Variables to set and to take away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Environment {
    /// To be set.
    pub set: BTreeMap<String, String>,
    /// To be removed; those that the user has not are left out.
    pub unset: BTreeSet<String>,
}

/// Every name under which a program looks for its proxy.
const PROXIES: &[&str] = &["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// Says which proxy is ours, so that a server that is started by a program under `exec` does not take
/// it for one beyond itself.
pub const OWN_PROXY: &str = "TRADEWIND_PROXY";

/// Proxies that would be preferred to ours.
const OTHER_PROXIES: &[&str] = &["ALL_PROXY", "all_proxy", "grpc_proxy"];

/// Every name under which a program looks for its certificate authorities.
const BUNDLES: &[&str] = &[
    "AWS_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "PIP_CERT",
    "HTTPLIB2_CA_CERTS",
    "GIT_SSL_CAINFO",
    "NIX_SSL_CERT_FILE",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "DENO_CERT",
];

/// What an AWS SDK would take before, or beside, the keys that are set.
const AWS_OWN: &[&str] = &[
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_ACCOUNT_ID",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

/// How often an AWS SDK asks again, unless the user says: a server that is started anew is away for
/// seconds, where the SDKs' own three attempts are over in a tenth of one. The mode `standard` waits
/// at most twenty seconds between two (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>).
const RETRIES: [(&str, &str); 2] = [("AWS_RETRY_MODE", "standard"), ("AWS_MAX_ATTEMPTS", "12")];

impl Environment {
    /// The variables for a program whose user has `theirs`.
    pub fn of(route: &Route<'_>, theirs: &BTreeMap<String, String>) -> Self {
        let mut environment = Self::default();
        if route.via != Via::Endpoint {
            environment.through_proxy(route, theirs);
        }
        if Cloud::Aws.is_served() {
            environment.with_aws(route, theirs);
        }
        environment.unset.retain(|name| theirs.contains_key(name));
        environment
    }

    fn through_proxy(&mut self, route: &Route<'_>, theirs: &BTreeMap<String, String>) {
        for name in PROXIES {
            self.put(name, route.address);
        }
        self.put(OWN_PROXY, route.address);
        self.take_away(OTHER_PROXIES);
        let direct = reached_directly(theirs);
        self.put("NO_PROXY", &direct);
        self.put("no_proxy", &direct);
        // Node.js looks at the variables above only when it is told to.
        self.put("NODE_USE_ENV_PROXY", "1");
        for name in BUNDLES {
            self.put(name, &route.bundle.to_string_lossy());
        }
    }

    fn with_aws(&mut self, route: &Route<'_>, theirs: &BTreeMap<String, String>) {
        self.take_away(AWS_OWN);
        let endpoints = theirs
            .keys()
            .filter(|name| name.starts_with("AWS_ENDPOINT_URL"));
        self.unset.extend(endpoints.cloned());
        self.put("AWS_ACCESS_KEY_ID", &route.aws.access_key_id);
        self.put("AWS_SECRET_ACCESS_KEY", &route.aws.secret_access_key);
        let region = ["AWS_REGION", "AWS_DEFAULT_REGION"]
            .iter()
            .find_map(|name| theirs.get(*name).filter(|region| !region.is_empty()));
        let region = region.unwrap_or(&route.aws.region);
        self.put("AWS_REGION", region);
        self.put("AWS_DEFAULT_REGION", region);
        // The files may have a default profile with another endpoint, role or region.
        self.put("AWS_CONFIG_FILE", "/dev/null");
        self.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        self.put("AWS_EC2_METADATA_DISABLED", "true");
        if !RETRIES.iter().any(|(name, _)| theirs.contains_key(*name)) {
            for (name, value) in RETRIES {
                self.put(name, value);
            }
        }
        if route.via != Via::Proxy {
            self.unset.remove("AWS_ENDPOINT_URL");
            self.put("AWS_ENDPOINT_URL", route.address);
        }
    }

    fn put(&mut self, name: &str, value: &str) {
        self.set.insert(name.to_owned(), value.to_owned());
    }

    fn take_away(&mut self, names: &[&str]) {
        self.unset.extend(names.iter().map(|&name| name.to_owned()));
    }
}

/// Hosts that are reached without the proxy: this machine, and what the user says, but for the
/// clouds' names, which many a company lists.
fn reached_directly(theirs: &BTreeMap<String, String>) -> String {
    let mut direct = vec!["localhost", "127.0.0.1", "::1"];
    for name in ["NO_PROXY", "no_proxy"] {
        let listed = theirs.get(name).map_or("", String::as_str);
        for entry in listed.split([',', ' ']).map(str::trim) {
            if !entry.is_empty() && !covers_a_cloud(entry) && !direct.contains(&entry) {
                direct.push(entry);
            }
        }
    }
    direct.join(",")
}

/// Whether an entry of `NO_PROXY` would let a served cloud's host past the proxy.
fn covers_a_cloud(entry: &str) -> bool {
    let entry = bare(entry);
    entry.is_empty()
        || DOMAINS.iter().any(|domain| {
            domain.cloud.is_served()
                && (is_below(domain.name, &entry) || is_below(&entry, domain.name))
        })
}

/// Whether a host is covered by an entry of a list such as `NO_PROXY` has.
pub(crate) fn is_listed(list: &str, host: &str) -> bool {
    list.split([',', ' ']).map(str::trim).any(|entry| {
        entry == "*" || {
            let entry = bare(entry);
            !entry.is_empty() && is_below(host, &entry)
        }
    })
}

/// An entry without its port, and without what says that it is for names below it too.
fn bare(entry: &str) -> String {
    let has_port = entry.matches(':').count() == 1;
    let entry = match entry.split_once(':') {
        Some((host, _)) if has_port => host,
        _ => entry,
    };
    let entry = entry.trim_start_matches(['*', '.', '[']);
    entry.trim_end_matches(']').to_ascii_lowercase()
}

fn is_below(inner: &str, outer: &str) -> bool {
    inner == outer
        || inner
            .strip_suffix(outer)
            .is_some_and(|rest| rest.ends_with('.'))
}

/// The proxy through which a process with these variables reaches other hosts, and the list of
/// those that it reaches without: unset where it is our own.
pub fn next_proxy(theirs: &BTreeMap<String, String>) -> Option<(&str, &str)> {
    let get = |name: &str| {
        theirs
            .get(name)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    };
    let proxy = ["https_proxy", "HTTPS_PROXY"].into_iter().find_map(get)?;
    if get(OWN_PROXY) == Some(proxy) {
        return None;
    }
    let direct = ["no_proxy", "NO_PROXY"].into_iter().find_map(get);
    Some((proxy, direct.unwrap_or("")))
}

/// The files of certificate authorities that the user's variables name, each once.
pub fn own_bundles(theirs: &BTreeMap<String, String>) -> BTreeSet<&Path> {
    let named = BUNDLES.iter().filter_map(|name| theirs.get(*name));
    named.map(Path::new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> AwsKeys {
        AwsKeys {
            access_key_id: "AKIDEXAMPLE".into(),
            secret_access_key: "very secret".into(),
            region: "us-east-1".into(),
            account: "123456789012".into(),
        }
    }

    fn theirs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        pairs.iter().map(owned).collect()
    }

    fn made(via: Via, pairs: &[(&str, &str)]) -> Environment {
        let keys = keys();
        let route = Route {
            address: "http://127.0.0.1:7077",
            bundle: Path::new("/data/authorities.pem"),
            aws: &keys,
            via,
        };
        Environment::of(&route, &theirs(pairs))
    }

    #[test]
    fn what_leads_to_a_real_account_is_taken_away() {
        let made = made(
            Via::Proxy,
            &[
                ("AWS_PROFILE", "prod"),
                ("AWS_SESSION_TOKEN", "t"),
                ("AWS_ENDPOINT_URL_S3", "https://s3.example"),
                ("ALL_PROXY", "socks5://x"),
                ("PATH", "/bin"),
                ("AWS_REGION", "eu-west-1"),
            ],
        );
        let unset: Vec<&str> = made.unset.iter().map(String::as_str).collect();
        assert_eq!(
            unset,
            [
                "ALL_PROXY",
                "AWS_ENDPOINT_URL_S3",
                "AWS_PROFILE",
                "AWS_SESSION_TOKEN"
            ]
        );
        assert_eq!(made.set["AWS_DEFAULT_REGION"], "eu-west-1");
        assert_eq!(made.set["AWS_SHARED_CREDENTIALS_FILE"], "/dev/null");
        assert_eq!(made.set["HTTPS_PROXY"], "http://127.0.0.1:7077");
        assert!(!made.set.contains_key("AWS_ENDPOINT_URL"));
        assert!(!made.set.contains_key("GOOGLE_CLOUD_PROJECT"));
    }

    #[test]
    fn who_says_how_often_to_ask_again_is_followed() {
        let ours = made(Via::Proxy, &[]);
        assert_eq!(ours.set["AWS_MAX_ATTEMPTS"], "12");
        assert_eq!(ours.set["AWS_RETRY_MODE"], "standard");
        let theirs = made(Via::Proxy, &[("AWS_MAX_ATTEMPTS", "1")]);
        assert!(!theirs.set.contains_key("AWS_MAX_ATTEMPTS"));
        assert!(!theirs.set.contains_key("AWS_RETRY_MODE"));
    }

    #[test]
    fn the_plain_endpoint_needs_no_proxy() {
        let made = made(
            Via::Endpoint,
            &[("AWS_ENDPOINT_URL", "https://other.example")],
        );
        assert_eq!(made.set["AWS_ENDPOINT_URL"], "http://127.0.0.1:7077");
        assert!(made.unset.is_empty(), "{made:?}");
        assert!(!made.set.contains_key("HTTPS_PROXY"));
        assert!(!made.set.contains_key("AWS_CA_BUNDLE"));
    }

    #[test]
    fn no_entry_of_no_proxy_lets_a_cloud_past() {
        let own = "*, .internal,amazonaws.com .s3.amazonaws.com,*.amazonaws.com:443,com,10.0.0.0/8,\
                   Sts.us-east-1.AmazonAWS.com,storage.googleapis.com";
        let made = made(Via::Proxy, &[("NO_PROXY", own)]);
        assert_eq!(
            made.set["no_proxy"],
            "localhost,127.0.0.1,::1,.internal,10.0.0.0/8,storage.googleapis.com"
        );
    }

    #[test]
    fn our_own_proxy_is_none_beyond_us() {
        let outside = theirs(&[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", "internal")]);
        assert_eq!(next_proxy(&outside), Some(("http://p:1", "internal")));
        assert_eq!(next_proxy(&made(Via::Proxy, &[]).set), None);
        assert_eq!(next_proxy(&theirs(&[("HTTPS_PROXY", "")])), None);
    }

    #[test]
    fn secrets_are_not_printed() {
        assert!(!format!("{:?}", keys()).contains("very secret"));
    }
}
