//! `GET /runs`: lists runs, the newest first.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Query, phases, tags};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::runs::RunFilter;
use domain::Name;
use domain::pipeline::{Run, RunPhase};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_runs",
    method: "get",
    path: "/api/v1/runs",
    summary: "lists runs, the newest first",
    query: &["pipeline", "phase", "tag", "after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<Run>>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    pipeline: Option<Name>,
    phase: Option<String>,
    tag: Option<String>,
    after: Option<String>,
    #[serde(default)]
    limit: u32,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Query(which): Query<Which>,
) -> Result<Json<Page<Run>>, Fault> {
    let filter = RunFilter {
        pipeline: which.pipeline,
        phases: phases(which.phase.as_deref(), &RunPhase::WORDS)?,
        tags: tags(which.tag.as_deref())?,
        after: which.after,
        limit: which.limit,
    };
    let (items, next) = native.control.runs(&caller, &filter).await?;
    Ok(Json(Page { items, next }))
}
