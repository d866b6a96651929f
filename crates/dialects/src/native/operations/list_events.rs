//! `GET /events`: lists changes: who, what, when; those after a number, the newest before one, or
//! with `follow=true` as server-sent events.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Query};
use crate::native::openapi::Described;
use crate::native::stream::{event, respond};
use crate::native::{Fault, Native};
use axum::extract::State;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use domain::audit::Event as ChangeEvent;
use futures::{StreamExt, stream};
use schemars::SchemaGenerator;
use std::convert::Infallible;

pub(super) const DESCRIBED: Described = Described {
    id: "list_events",
    method: "get",
    path: "/api/v1/events",
    summary: "lists changes: who, what, when; with `before` the newest that came before that number, \
              with `follow=true` as server-sent events",
    query: &["after", "before", "limit", "follow"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<ChangeEvent>>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    after: i64,
    before: Option<i64>,
    #[serde(default)]
    limit: u32,
    #[serde(default)]
    follow: bool,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let limit = if which.limit == 0 { 100 } else { which.limit };
    if !which.follow {
        let (items, next) = match which.before {
            Some(before) => native.control.events_before(&caller, before, limit).await?,
            None => native.control.events(&caller, which.after, limit).await?,
        };
        return Ok(Json(Page {
            items,
            next: Some(next.to_string()),
        })
        .into_response());
    }
    caller.may_read().map_err(Fault)?;
    let pieces = stream::unfold((native, caller, which.after), move |state| async move {
        let (native, caller, after) = state;
        let (events, next) = native.control.events(&caller, after, limit).await.ok()?;
        if next == after {
            native.control.store.changed_since(after).await;
        }
        let events: Vec<Event> = events
            .iter()
            .map(|change| event("change", change.sequence, change))
            .collect();
        Some((events, (native, caller, next)))
    });
    let events =
        pieces.flat_map(|events| stream::iter(events.into_iter().map(Ok::<_, Infallible>)));
    Ok(respond(events).into_response())
}
