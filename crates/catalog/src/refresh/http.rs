//! [`Fetch`] over reqwest.

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use reqwest::Client;
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderName, IF_RANGE, RANGE, RETRY_AFTER};

use super::{Fetch, Reply, Request};
use crate::Error;

/// Fetches over the network; TLS, proxies and timeouts are those of the client.
#[derive(Clone, Debug)]
pub struct HttpFetch {
    client: Client,
}

impl HttpFetch {
    /// Uses a client that the caller has made. It should have timeouts for connecting and for
    /// silence, and must not follow redirections to other hosts.
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Fetch for HttpFetch {
    async fn get(&self, request: &Request) -> Result<Reply, Error> {
        let mut builder = self.client.get(&request.address);
        for header in &request.headers {
            builder = builder.header(header.name, &header.value);
        }
        if let Some((from, tag)) = &request.resume {
            builder = builder
                .header(RANGE, format!("bytes={from}-"))
                .header(IF_RANGE, tag);
        }
        let answer = builder.send().await.map_err(|error| Error::Unreachable {
            address: request.address.clone(),
            reason: reason(&error),
        })?;
        let headers = answer.headers();
        let text = |name: HeaderName| text(headers, &name).map(str::to_owned);
        let range_start = text(CONTENT_RANGE).and_then(|range| {
            let range = range.strip_prefix("bytes ")?;
            range.split('-').next()?.parse().ok()
        });
        Ok(Reply {
            status: answer.status().as_u16(),
            entity_tag: text(ETAG),
            length: answer.content_length(),
            range_start,
            retry_after: text(RETRY_AFTER).and_then(|seconds| seconds.parse().ok()),
            body: answer
                .bytes_stream()
                .map_ok(|bytes| bytes.to_vec())
                .map_err(|error| reason(&error))
                .boxed(),
        })
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The innermost cause, which says more than "error sending request".
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
