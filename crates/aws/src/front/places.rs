//! Where a request goes: by the scope of its signature, its target, its path, its host.

use crate::protocol::{cbor, json};
use crate::service::{Protocol, SERVICES, Service};
use crate::signature::Claim;
use http::request::Parts;

pub(crate) use crate::signature::host;

/// How a service of the table was spoken to, and is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// JSON, with this content type.
    Json(&'static str),
    /// A form; XML of this namespace back.
    Query(&'static str),
    /// CBOR.
    Cbor,
    /// EC2's form; XML of this namespace back.
    Ec2(&'static str),
}

/// Who answers.
pub(crate) enum Place {
    /// The object store's protocol.
    S3,
    /// A service of the table, asked for this operation by a header.
    Target(&'static Service, String, Spoken),
    /// A service of the table, asked by a form.
    Form(&'static Service, Spoken),
    /// A service whose operations are paths.
    Rest(&'static crate::service::RestService),
    /// A service that is not here.
    Unknown(String),
}

/// Finds who answers; `claim` is what the request says to have been signed for.
pub(crate) fn place(parts: &Parts, claim: Option<&Claim>) -> Place {
    let name = match claim {
        Some(claim) => claim.service.clone(),
        None => of_host(&host(parts)).unwrap_or_else(|| "s3".to_owned()),
    };
    if let Some(target) = parts.headers.get("x-amz-target") {
        let target = target.to_str().unwrap_or("");
        for service in SERVICES {
            let (prefix, content_type) = match service.protocol {
                Protocol::Json {
                    target,
                    content_type,
                    ..
                } => (target, content_type),
                Protocol::Any { target, .. } => (target, "application/x-amz-json-1.0"),
                Protocol::Query { .. } | Protocol::Ec2 { .. } => continue,
            };
            if let Some(operation) = json::operation(target, prefix) {
                let spoken = Spoken::Json(content_type);
                return Place::Target(service, operation.to_owned(), spoken);
            }
        }
        return Place::Unknown(name);
    }
    if name == "s3" {
        return Place::S3;
    }
    let path = parts.uri.path();
    if let Some((named, operation)) = cbor::operation(path) {
        let mut all = SERVICES.iter();
        let found = all.find(
            |service| matches!(service.protocol, Protocol::Any { target, .. } if target == named),
        );
        if let Some(service) = found {
            return Place::Target(service, operation.to_owned(), Spoken::Cbor);
        }
    }
    let rest = crate::service::REST.iter();
    if let Some(service) = rest.clone().find(|rest| {
        rest.signing_name == name && rest.paths.iter().any(|start| path.starts_with(start))
    }) {
        return Place::Rest(service);
    }
    let mut own = SERVICES
        .iter()
        .filter(|service| service.signing_name == name);
    let form = own.find_map(|service| match service.protocol {
        Protocol::Query { namespace } | Protocol::Any { namespace, .. } => {
            Some((service, Spoken::Query(namespace)))
        }
        Protocol::Ec2 { namespace } => Some((service, Spoken::Ec2(namespace))),
        Protocol::Json { .. } => None,
    });
    match form {
        Some((service, spoken)) => Place::Form(service, spoken),
        None => Place::Unknown(name),
    }
}

/// Whether a request whose claim cannot be read is for S3: by the service that the claim names as
/// far as it goes, else by the host. Nothing is ever posted to S3's root.
pub(crate) fn is_for_s3(parts: &Parts) -> bool {
    if parts.headers.contains_key("x-amz-target") {
        return false;
    }
    let header = parts.headers.get(http::header::AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok()).unwrap_or("");
    let query = parts.uri.query().unwrap_or("");
    let service = of_scope(header).or_else(|| of_scope(query));
    match service.or_else(|| of_host(&host(parts))) {
        Some(service) => service == "s3",
        None => parts.method != http::Method::POST || parts.uri.path() != "/",
    }
}

/// The service of the first scope in a text, encoded or not.
fn of_scope(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("Credential=")?;
    let scope = rest.split([',', '&', ' ']).next()?;
    let scope = percent_encoding::percent_decode_str(scope)
        .decode_utf8()
        .ok()?;
    let service = scope
        .split('/')
        .nth(3)
        .filter(|service| !service.is_empty())?;
    Some(service.to_owned())
}

/// The service in a host name of AWS': `sts.us-east-1.amazonaws.com`, `b.s3.amazonaws.com`.
fn of_host(host: &str) -> Option<String> {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let labels: Vec<&str> = name.strip_suffix(".amazonaws.com")?.split('.').collect();
    if labels
        .iter()
        .any(|label| *label == "s3" || label.starts_with("s3-"))
    {
        return Some("s3".to_owned());
    }
    let (["runtime" | "api", first, ..] | [first, ..]) = labels.as_slice() else {
        return None;
    };
    Some((*first).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_claims_are_answered_by_the_service_that_they_name() {
        let is_s3 = |method: &str, uri: &str, authorization: &str| {
            let request = http::Request::builder().method(method).uri(uri);
            let request = request.header("authorization", authorization);
            is_for_s3(&request.body(()).unwrap().into_parts().0)
        };
        assert!(is_s3("GET", "/b/k", "AWS4-HMAC-SHA256 nonsense"));
        assert!(is_s3("GET", "/b/k?X-Amz-Credential=a%2Fb%2Fc%2Fs3", ""));
        assert!(is_s3("POST", "/", "AWS4-HMAC-SHA256 Credential=a/b/c/s3/x"));
        assert!(!is_s3("POST", "/", "AWS4-HMAC-SHA256 nonsense"));
        assert!(!is_s3(
            "GET",
            "/x",
            "AWS4-HMAC-SHA256 Credential=a/b/c/sts/x"
        ));
        assert!(!is_s3(
            "GET",
            "/?X-Amz-Credential=a/b/c/lambda&X-Amz-Signature=0",
            ""
        ));
        assert!(!is_s3(
            "GET",
            "https://sts.amazonaws.com/",
            "AWS4-HMAC-SHA256 x"
        ));
    }

    #[test]
    fn hosts_name_services() {
        let cases = [
            ("sts.us-east-1.amazonaws.com:443", Some("sts")),
            ("my.bucket.s3.us-east-1.amazonaws.com", Some("s3")),
            (
                "runtime.sagemaker.eu-west-1.amazonaws.com",
                Some("sagemaker"),
            ),
            ("s3-eu-west-1.amazonaws.com", Some("s3")),
            ("example.org", None),
        ];
        for (host, service) in cases {
            assert_eq!(of_host(host).as_deref(), service, "{host}");
        }
    }
}
