//! Bodies between the protocol's stream type and the store's, chunk by chunk in both directions.

use bytes::Bytes;
use contracts::objects::{ByteStream, ObjectError};
use futures::{Stream, StreamExt as _};
use s3s::StdError;
use s3s::dto::StreamingBlob;
use s3s::stream::RemainingLength;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

/// The body of an upload for the store. What ends it early is told apart: a client that went away
/// is `Incomplete`; what its signature or framing says keeps its source for `fault.rs`.
pub(crate) fn incoming(body: Option<StreamingBlob>) -> ByteStream {
    let Some(body) = body else {
        return futures::stream::empty().boxed();
    };
    body.map(|chunk| chunk.map_err(broken)).boxed()
}

fn broken(source: StdError) -> ObjectError {
    let text = source.to_string();
    if ["Mismatch", "FormatError", "TooLarge", "TooMany"]
        .iter()
        .any(|word| text.contains(word))
    {
        return ObjectError::Failed {
            message: text,
            source: Some(source),
        };
    }
    ObjectError::Incomplete(text)
}

/// The bytes of an object for an answer, so many of them.
pub(crate) fn outgoing(stream: ByteStream, bytes: u64) -> StreamingBlob {
    StreamingBlob::new(Outgoing {
        stream: Mutex::new(stream),
        left: bytes,
    })
}

/// Streams of the store may not be shared between threads; the protocol's must. The mutex is
/// never locked, as whoever polls has the stream to itself.
struct Outgoing {
    stream: Mutex<ByteStream>,
    left: u64,
}

impl Stream for Outgoing {
    type Item = Result<Bytes, StdError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let stream = self
            .stream
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        let polled = stream.poll_next_unpin(cx);
        if let Poll::Ready(Some(Ok(chunk))) = &polled {
            self.left = self.left.saturating_sub(chunk.len() as u64);
        }
        polled.map(|next| next.map(|chunk| chunk.map_err(|error| Box::new(error) as StdError)))
    }
}

impl s3s::stream::ByteStream for Outgoing {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(usize::try_from(self.left).unwrap_or(usize::MAX))
    }
}
