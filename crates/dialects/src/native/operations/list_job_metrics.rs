//! `GET /jobs/{id}/metrics`: lists the metrics that a job reported, in order.

use super::Page;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path, Query};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::JobId;
use domain::metric::Metric;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "list_job_metrics",
    method: "get",
    path: "/api/v1/jobs/{id}/metrics",
    summary: "lists the metrics that a job reported, in order",
    query: &["from", "limit"],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Page<Metric>>),
};

#[derive(serde::Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    from: u64,
    #[serde(default)]
    limit: u32,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<JobId>,
    Query(which): Query<Which>,
) -> Result<Json<Page<Metric>>, Fault> {
    let limit = if which.limit == 0 {
        1_000
    } else {
        which.limit.min(10_000)
    };
    let items = native
        .control
        .job_metrics(&caller, &id, which.from, limit)
        .await?;
    Ok(Json(Page { items, next: None }))
}
