//! Server-sent events (the HTML standard's `text/event-stream`): each has an id to go on from.

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use serde::Serialize;
use std::convert::Infallible;

/// An event with JSON data.
pub(super) fn event(name: &str, id: impl ToString, data: &impl Serialize) -> Event {
    let event = Event::default().event(name).id(id.to_string());
    event
        .json_data(data)
        .unwrap_or_else(|_| Event::default().comment("not representable"))
}

/// The response of a stream, kept alive by comments.
pub(super) fn respond<S>(stream: S) -> Sse<axum::response::sse::KeepAliveStream<S>>
where
    S: Stream<Item = Result<Event, Infallible>> + Send + 'static,
{
    Sse::new(stream).keep_alive(KeepAlive::default())
}
