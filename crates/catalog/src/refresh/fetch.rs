//! What a refresh needs of HTTP, small enough to be replaced in a test.

use std::fmt;

use async_trait::async_trait;
use futures::stream::BoxStream;

use crate::Error;

/// A header whose value never shows in logs.
#[derive(Clone)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// Its value, perhaps a secret.
    pub value: String,
}

impl fmt::Debug for Header {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: …", self.name)
    }
}

/// One GET request.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The address.
    pub address: String,
    /// Headers beside the ordinary ones.
    pub headers: Vec<Header>,
    /// Ask only for what follows this byte, if the entity tag still holds.
    pub resume: Option<(u64, String)>,
}

/// Pieces of a body; an error ends it.
pub type Body = BoxStream<'static, Result<Vec<u8>, String>>;

/// The answer to a request.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `ETag`, if there is one.
    pub entity_tag: Option<String>,
    /// `Content-Length`, if there is one.
    pub length: Option<u64>,
    /// First byte of `Content-Range`, if there is one.
    pub range_start: Option<u64>,
    /// Seconds of `Retry-After`, if there is one.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Body,
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("status", &self.status)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// Something that can GET.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends the request; an error means that no answer came.
    async fn get(&self, request: &Request) -> Result<Reply, Error>;
}
