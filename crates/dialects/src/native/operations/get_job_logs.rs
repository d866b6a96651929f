//! `GET /jobs/{id}/logs`: reads a log from an offset on; with `follow=true` as server-sent events until the job is over.

use super::LogPage;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::openapi::Described;
use crate::native::stream::{event, respond};
use crate::native::{Fault, Native};
use axum::extract::State;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use domain::JobId;
use futures::{StreamExt, stream};
use schemars::SchemaGenerator;
use std::convert::Infallible;
use std::time::Duration;

pub(super) const DESCRIBED: Described = Described {
    id: "get_job_logs",
    method: "get",
    path: "/api/v1/jobs/{id}/logs",
    summary: "reads a log from an offset on; with `follow=true` as server-sent events until the job is over",
    query: &["offset", "limit", "follow"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<LogPage>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    limit: u32,
    #[serde(default)]
    follow: bool,
}

/// Pause between two looks at a log that is being followed.
const POLL: Duration = Duration::from_millis(100);

/// Lines at once when the caller does not say.
const USUAL: u32 = 1_000;

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<JobId>,
    Query(which): Query<Which>,
) -> Result<Response, Fault> {
    let limit = if which.limit == 0 { USUAL } else { which.limit };
    let first = native
        .control
        .job_logs(&caller, &id, which.offset, limit)
        .await?;
    if !which.follow {
        let lines = first.chunk.lines;
        let page = LogPage {
            lines,
            next: first.chunk.next,
            complete: first.complete,
        };
        return Ok(Json(page).into_response());
    }
    let state = (native, caller, id, Some(first));
    let pieces = stream::unfold(Some(state), move |state| async move {
        let (native, caller, id, logs) = state?;
        let logs = logs?;
        let next = logs.chunk.next;
        let mut events: Vec<Event> = logs
            .chunk
            .lines
            .iter()
            .map(|line| event("line", line.next, line))
            .collect();
        if logs.complete {
            events.push(event("end", next, &serde_json::json!({})));
            return Some((events, None));
        }
        if events.is_empty() {
            tokio::time::sleep(POLL).await;
        }
        let logs = native
            .control
            .job_logs(&caller, &id, next, limit)
            .await
            .ok();
        Some((events, Some((native, caller, id, logs))))
    });
    let events =
        pieces.flat_map(|events| stream::iter(events.into_iter().map(Ok::<_, Infallible>)));
    Ok(respond(events).into_response())
}
