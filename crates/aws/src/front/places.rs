//! Where a request goes: by the scope of its signature, its target, its path, its host.

use crate::protocol::json;
use crate::service::{Protocol, SERVICES, Service};
use crate::signature::Claim;
use http::request::Parts;

pub(crate) use crate::signature::host;

/// Who answers.
pub(crate) enum Place {
    /// The object store's protocol.
    S3,
    /// A service of the table, asked for this operation by a header.
    Target(&'static Service, String),
    /// A service of the table, asked by a form.
    Form(&'static Service),
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
            if let Protocol::Json { target: prefix, .. } = service.protocol
                && let Some(operation) = json::operation(target, prefix)
            {
                return Place::Target(service, operation.to_owned());
            }
        }
        return Place::Unknown(name);
    }
    if name == "s3" {
        return Place::S3;
    }
    let path = parts.uri.path();
    let rest = crate::service::REST.iter();
    if let Some(service) = rest.clone().find(|rest| {
        rest.signing_name == name && rest.paths.iter().any(|start| path.starts_with(start))
    }) {
        return Place::Rest(service);
    }
    let form = SERVICES.iter().find(|service| {
        service.signing_name == name && matches!(service.protocol, Protocol::Query { .. })
    });
    match form {
        Some(service) => Place::Form(service),
        None => Place::Unknown(name),
    }
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
