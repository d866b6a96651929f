//! `POST /jobs/{id}/stop`: asks a job to stop.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::JobId;
use domain::job::Job;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "stop_job",
    method: "post",
    path: "/api/v1/jobs/{id}/stop",
    summary: "asks a job to stop",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Job>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<Job>, Fault> {
    let answer = native.control.stop_job(&caller, &id).await?;
    Ok(Json(answer))
}
