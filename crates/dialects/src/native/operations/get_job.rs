//! `GET /jobs/{id}`: reads a job.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::JobId;
use domain::job::Job;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "get_job",
    method: "get",
    path: "/api/v1/jobs/{id}",
    summary: "reads a job",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Job>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<Job>, Fault> {
    let answer = native.control.job(&caller, &id).await?;
    Ok(Json(answer))
}
