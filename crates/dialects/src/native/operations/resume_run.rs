//! `POST /runs/{id}/resume`: goes on with a run that failed or was stopped.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::RunId;
use domain::pipeline::Run;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "resume_run",
    method: "post",
    path: "/api/v1/runs/{id}/resume",
    summary: "goes on with a run that failed or was stopped",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Run>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<RunId>,
) -> Result<Json<Run>, Fault> {
    let answer = native.control.resume_run(&caller, &id).await?;
    Ok(Json(answer))
}
