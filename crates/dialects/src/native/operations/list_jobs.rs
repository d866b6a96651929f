//! `GET /jobs`: lists jobs, the newest first.

use super::{Page, Shared};
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Query, phases, tags};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::jobs::JobFilter;
use domain::RunId;
use domain::job::{Job, Phase};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_jobs",
    method: "get",
    path: "/api/v1/jobs",
    summary: "lists jobs, the newest first",
    query: &["run", "phase", "tag", "prefix", "after", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<Job>>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    run: Option<RunId>,
    phase: Option<String>,
    tag: Option<String>,
    prefix: Option<String>,
    after: Option<String>,
    #[serde(default)]
    limit: u32,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Query(which): Query<Which>,
) -> Result<Json<Page<Shared<Job>>>, Fault> {
    let filter = JobFilter {
        run: which.run,
        phases: phases(which.phase.as_deref(), &Phase::WORDS)?,
        tags: tags(which.tag.as_deref())?,
        prefix: which.prefix,
        after: which.after,
        limit: which.limit,
    };
    let (items, next) = native.control.jobs(&caller, &filter).await?;
    let items = items.into_iter().map(Shared).collect();
    Ok(Json(Page { items, next }))
}
