//! `GET /jobs/{id}/plans`: the plans that were made for a job that is no step of a run.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::plans::JobPlan;
use domain::JobId;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "get_job_plans",
    method: "get",
    path: "/api/v1/jobs/{id}/plans",
    summary: "reads the plans that were made for a job that is no step of a run, one an attempt; on a server with this machine alone there are none",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<serde_json::Value>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<Vec<JobPlan>>, Fault> {
    let answer = native.control.job_plans(&caller, &id).await?;
    Ok(Json(answer))
}
