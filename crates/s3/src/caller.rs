//! Who sent the request, as the operations see it.

use crate::access::{Facts, Identity};
use domain::Workspace;
use objects::{Bucket, ContentName};
use s3s::{S3Request, S3Result, s3_error};
use std::net::IpAddr;
use std::sync::Arc;

/// How a request came in. Whoever mounts the service puts it into the request's extensions, so
/// that conditions on `aws:SourceIp` and `aws:SecureTransport` know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Address of the other end.
    pub peer: Option<IpAddr>,
    /// Whether it is encrypted.
    pub secure: bool,
}

/// The caller of a request that was let in.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// `None` when anonymous.
    pub(crate) identity: Option<Identity>,
    /// Account that owns the buckets.
    pub(crate) account: String,
    pub(crate) workspace: Workspace,
    pub(crate) facts: Arc<Facts>,
    /// The SHA-256 of the body, when the signature covers it and `s3s` checks it.
    pub(crate) payload: Option<[u8; 32]>,
    /// The bucket of the request as it was when the caller was let in.
    pub(crate) bucket: Option<Arc<Bucket>>,
}

impl Caller {
    /// Takes the caller out of a request.
    pub(crate) fn of<T>(request: &S3Request<T>) -> S3Result<Self> {
        request
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))
    }

    /// Where the name of the request's body comes from.
    pub(crate) fn content_name(&self) -> ContentName {
        self.payload
            .map_or(ContentName::Computed, ContentName::Known)
    }

    /// What the bucket was when the caller was let in.
    pub(crate) fn bucket(&self, name: &str) -> S3Result<&Bucket> {
        self.bucket
            .as_deref()
            .ok_or_else(|| crate::fault::no_such_bucket(name))
    }
}
