//! Checksums of the small XML and JSON bodies that configure buckets or list keys. Bodies of
//! objects are checked while they stream; these are whole in memory anyhow, and `s3s` only checks
//! what the signature covers.

use axum::body::Body;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt as _, Limited};
use objects::{Algorithm, Checksums};
use s3s::{S3Error, S3Result, s3_error};

/// Query names of requests whose body is a document.
const DOCUMENTS: [&str; 18] = [
    "accelerate",
    "acl",
    "cors",
    "delete",
    "encryption",
    "legal-hold",
    "lifecycle",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "retention",
    "tagging",
    "versioning",
    "website",
];

/// Checks the body against `Content-MD5` and `x-amz-checksum-*`, when it is a document.
pub(crate) async fn checked(request: Request<Body>, most: usize) -> S3Result<Request<Body>> {
    let names: Vec<&str> = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .map(|pair| pair.split('=').next().unwrap_or_default())
        .collect();
    let writes = matches!(*request.method(), Method::PUT | Method::POST);
    let is_document = DOCUMENTS.iter().any(|name| names.contains(name));
    // The checksums of a completion are those of the object.
    let completes = *request.method() == Method::POST && names.contains(&"uploadId");
    if !writes || !(is_document || completes) {
        return Ok(request);
    }
    let length = request.headers().get(http::header::CONTENT_LENGTH);
    let length: Option<usize> = length.and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length| length > most) {
        return Err(too_long());
    }
    let promised = promised(request.headers(), completes);
    if promised.is_empty() {
        let deletes = *request.method() == Method::POST && names.contains(&"delete");
        // A trailer in the body, or the hash that the signature covers, is checked elsewhere.
        let is_covered = request.headers().contains_key("x-amz-trailer");
        if deletes && !is_covered {
            return Err(s3_error!(
                InvalidRequest,
                "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
            ));
        }
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let collected = Limited::new(body, most).collect().await;
    let bytes = collected
        .map_err(|error| broken(error.as_ref()))?
        .to_bytes();
    objects::verify(&bytes, &promised).map_err(|error| match error {
        objects::Error::Invalid(_) if promised.contains_key(&Algorithm::Md5) => {
            s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid.")
        }
        other => crate::fault::fault(other),
    })?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn too_long() -> S3Error {
    s3_error!(MaxMessageLengthExceeded, "Your request was too big.")
}

fn broken(error: &(dyn std::error::Error + Send + Sync + 'static)) -> S3Error {
    if error.is::<http_body_util::LengthLimitError>() {
        return too_long();
    }
    s3_error!(
        IncompleteBody,
        "You did not provide the number of bytes specified by the Content-Length HTTP header"
    )
}

fn promised(headers: &HeaderMap, only_md5: bool) -> Checksums {
    Algorithm::ALL
        .into_iter()
        .filter(|algorithm| *algorithm == Algorithm::Md5 || !only_md5)
        .filter_map(|algorithm| {
            let name = match algorithm {
                Algorithm::Md5 => "content-md5".to_owned(),
                other => format!("x-amz-checksum-{}", other.name().to_ascii_lowercase()),
            };
            let value = headers.get(name)?.to_str().ok()?;
            Some((algorithm, value.to_owned()))
        })
        .collect()
}
