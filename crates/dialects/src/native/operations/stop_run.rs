//! `POST /runs/{id}/stop`: asks a run to stop.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::RunId;
use domain::pipeline::Run;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "stop_run",
    method: "post",
    path: "/api/v1/runs/{id}/stop",
    summary: "asks a run to stop",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Run>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<RunId>,
) -> Result<Json<Run>, Fault> {
    let answer = native.control.stop_run(&caller, &id).await?;
    Ok(Json(answer))
}
