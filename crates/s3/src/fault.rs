//! Every error of the store as the S3 error that the real service answers with (Amazon S3 API
//! Reference, "Error responses"). The match is exhaustive: a new error does not compile until it
//! has a code.

use crate::access::AccessError;
use crate::times;
use contracts::objects::ObjectError;
use contracts::store::StoreError;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use objects::{CustomerKeyMistake, Error, Named};
use s3s::{S3Error, S3ErrorCode, s3_error};

/// Text of an upload whose announced trailer did not come.
pub(crate) const MALFORMED_TRAILER: &str = "The request contained trailing data that was not well-formed or did not conform to our published schema.";

const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");
const VERSION: HeaderName = HeaderName::from_static("x-amz-version-id");

fn custom(code: &'static str, status: StatusCode, message: String) -> S3Error {
    let mut error = S3Error::with_message(S3ErrorCode::Custom(code.into()), message);
    error.set_status_code(status);
    error
}

pub(crate) fn no_such_bucket(_name: &str) -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

/// The S3 error of an error of the store.
pub(crate) fn fault(error: Error) -> S3Error {
    match error {
        Error::NoSuchBucket(name) => no_such_bucket(&name),
        Error::BucketExists(_) => s3_error!(
            BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it."
        ),
        Error::BucketNotEmpty { .. } => s3_error!(
            BucketNotEmpty,
            "The bucket you tried to delete is not empty"
        ),
        Error::NoSuchObject { .. } => no_such_key(),
        Error::NoSuchVersion { .. } => {
            s3_error!(NoSuchVersion, "The specified version does not exist.")
        }
        Error::DeleteMarker {
            version,
            modified,
            named,
            ..
        } => delete_marker(&version, modified, named),
        Error::NoSuchUpload(_) => s3_error!(
            NoSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
        ),
        Error::InvalidName { what, reason, .. } => invalid_name(what, reason),
        Error::Invalid(text) => S3Error::with_message(S3ErrorCode::InvalidArgument, text),
        Error::InvalidRange { bytes } => unsatisfiable(bytes),
        Error::InvalidPart { .. } => s3_error!(
            InvalidPart,
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
        ),
        Error::InvalidPartOrder(_) => s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ),
        Error::PartTooSmall { .. } => s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        ),
        Error::TooLarge { .. } => too_large(),
        Error::BadDigest { algorithm, .. } => bad_digest(algorithm),
        Error::Locked { .. } => s3_error!(
            AccessDenied,
            "Access Denied because object protected by object lock."
        ),
        Error::Unlockable(_) => s3_error!(
            InvalidRequest,
            "Bucket is missing Object Lock Configuration"
        ),
        Error::PreconditionFailed { .. } => s3_error!(
            PreconditionFailed,
            "At least one of the pre-conditions you specified did not hold"
        ),
        Error::NotModified { etag, modified } => not_modified(&etag, modified),
        Error::Contended(_) => s3_error!(SlowDown, "Please reduce your request rate."),
        Error::Incomplete(text) if text == MALFORMED_TRAILER => {
            custom("MalformedTrailerError", StatusCode::BAD_REQUEST, text)
        }
        Error::Incomplete(_) => s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        ),
        Error::Key { key, reason } => key_fault(&key, &reason),
        Error::CustomerKey(mistake) => customer_key_fault(mistake),
        Error::Body(error) => body_fault(error),
        full @ Error::Full { .. } => custom(
            "InsufficientStorage",
            StatusCode::INSUFFICIENT_STORAGE,
            full.to_string(),
        ),
        Error::Store(error) => store_fault(error),
        error @ (Error::Damaged { .. } | Error::Unstageable { .. } | Error::Io { .. }) => {
            internal(error)
        }
    }
}

/// An error that is the server's own: the caller learns no more, the log has the source.
fn internal(error: impl std::error::Error + Send + Sync + 'static) -> S3Error {
    tracing::error!(%error, "an S3 request failed");
    s3_error!(
        error,
        InternalError,
        "We encountered an internal error. Please try again."
    )
}

fn store_fault(error: StoreError) -> S3Error {
    match error {
        StoreError::Full(text) => custom(
            "InsufficientStorage",
            StatusCode::INSUFFICIENT_STORAGE,
            text,
        ),
        other => internal(other),
    }
}

fn delete_marker(version: &str, modified: domain::Timestamp, named: Named) -> S3Error {
    let mut headers = HeaderMap::new();
    headers.insert(DELETE_MARKER, HeaderValue::from_static("true"));
    if let Ok(version) = HeaderValue::from_str(version) {
        headers.insert(VERSION, version);
    }
    let mut error = match named {
        Named::Current => no_such_key(),
        Named::Version => {
            if let Some(date) = times::http_date(modified) {
                headers.insert(http::header::LAST_MODIFIED, date);
            }
            s3_error!(
                MethodNotAllowed,
                "The specified method is not allowed against this resource."
            )
        }
    };
    error.set_headers(headers);
    error
}

fn not_modified(etag: &str, modified: domain::Timestamp) -> S3Error {
    let mut headers = HeaderMap::new();
    if let Ok(etag) = HeaderValue::from_str(&format!("\"{etag}\"")) {
        headers.insert(http::header::ETAG, etag);
    }
    if let Some(date) = times::http_date(modified) {
        headers.insert(http::header::LAST_MODIFIED, date);
    }
    let mut error = S3Error::new(S3ErrorCode::NotModified);
    error.set_headers(headers);
    error
}

fn unsatisfiable(bytes: u64) -> S3Error {
    let mut error = s3_error!(InvalidRange, "The requested range is not satisfiable");
    let mut headers = HeaderMap::new();
    headers.insert(
        http::header::CONTENT_RANGE,
        HeaderValue::try_from(format!("bytes */{bytes}")).unwrap_or(HeaderValue::from_static("")),
    );
    error.set_headers(headers);
    error
}

pub(crate) fn too_large() -> S3Error {
    s3_error!(
        EntityTooLarge,
        "Your proposed upload exceeds the maximum allowed object size."
    )
}

fn invalid_name(what: &str, reason: &str) -> S3Error {
    match what {
        "bucket name" => s3_error!(InvalidBucketName, "The specified bucket is not valid."),
        _ if reason.contains("1,024") => s3_error!(KeyTooLongError, "Your key is too long"),
        _ => s3_error!(InvalidArgument, "the key is not valid: {reason}"),
    }
}

fn bad_digest(algorithm: objects::Algorithm) -> S3Error {
    if algorithm == objects::Algorithm::Md5 {
        return s3_error!(
            BadDigest,
            "The Content-MD5 you specified did not match what we received."
        );
    }
    s3_error!(
        BadDigest,
        "The {} you specified did not match the calculated checksum.",
        algorithm.name()
    )
}

/// A key that a caller brought, or did not bring, for reading.
fn customer_key_fault(mistake: CustomerKeyMistake) -> S3Error {
    match mistake {
        CustomerKeyMistake::Missing => s3_error!(
            InvalidRequest,
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."
        ),
        CustomerKeyMistake::Wrong => s3_error!(AccessDenied, "Access Denied"),
        CustomerKeyMistake::Unneeded => s3_error!(
            InvalidRequest,
            "The encryption parameters are not applicable to this object."
        ),
    }
}

/// An encryption key that cannot be used, in the words of the Key Management Service.
fn key_fault(key: &str, reason: &str) -> S3Error {
    let code = if reason.contains("not in the key ring") || reason.contains("not an alias") {
        "KMS.NotFoundException"
    } else if reason.contains("disabled") {
        "KMS.DisabledException"
    } else {
        "KMS.KMSInvalidStateException"
    };
    custom(
        code,
        StatusCode::BAD_REQUEST,
        format!("key '{key}' {reason}"),
    )
}

/// What the layer of signatures and framing found wrong with a body while it was read.
fn body_fault(error: ObjectError) -> S3Error {
    let text = error.to_string();
    if text.contains("SignatureMismatch") {
        return s3_error!(SignatureDoesNotMatch);
    }
    if text.contains("Sha256Mismatch") {
        return custom(
            "XAmzContentSHA256Mismatch",
            StatusCode::BAD_REQUEST,
            "The provided 'x-amz-content-sha256' header does not match what was computed."
                .to_owned(),
        );
    }
    if text.contains("LengthMismatch") {
        return s3_error!(
            IncompleteBody,
            "The request body terminated unexpectedly or has more bytes than announced"
        );
    }
    if text.contains("AwsChunkedStreamError") {
        return s3_error!(
            InvalidRequest,
            "The chunks of the request body are malformed"
        );
    }
    internal(error)
}

/// The S3 error for somebody who is not let in.
pub(crate) fn access_fault(error: AccessError) -> S3Error {
    match error {
        AccessError::UnknownKey => s3_error!(
            InvalidAccessKeyId,
            "The AWS Access Key Id you provided does not exist in our records."
        ),
        AccessError::InvalidToken => s3_error!(
            InvalidToken,
            "The provided token is malformed or otherwise invalid."
        ),
        AccessError::ExpiredToken => {
            s3_error!(ExpiredToken, "The provided token has expired.")
        }
        AccessError::NoDestination(function) => s3_error!(
            InvalidArgument,
            "Unable to validate the following destination configurations: {function}"
        ),
        AccessError::Unavailable(_) => internal(error),
    }
}

/// The text that the real service has for a code which came without one.
pub(crate) fn usual_text(code: &str) -> &'static str {
    match code {
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check your key and signing method."
        }
        "InvalidBucketName" => "The specified bucket is not valid.",
        "KeyTooLongError" => "Your key is too long",
        "InvalidURI" => "Couldn't parse the specified URI.",
        "MalformedXML" => {
            "The XML you provided was not well-formed or did not validate against our published schema"
        }
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "IncompleteBody" => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        }
        "NotImplemented" => {
            "A header or query you provided implies functionality that is not implemented."
        }
        "MaxMessageLengthExceeded" => "Your request was too big.",
        "InvalidPolicyDocument" => "Invalid Policy: the policy document is not valid.",
        "MalformedPOSTRequest" => {
            "The body of your POST request is not well-formed multipart/form-data."
        }
        "AccessDenied" => "Access Denied",
        "InternalError" => "We encountered an internal error. Please try again.",
        _ => "The request is not valid.",
    }
}
