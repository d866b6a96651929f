//! `DELETE /runs/{id}`: forgets a run that is over, with its jobs.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::RunId;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_run",
    method: "delete",
    path: "/api/v1/runs/{id}",
    summary: "forgets a run that is over, with its jobs",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<RunId>,
) -> Result<Json<Done>, Fault> {
    native.control.delete_run(&caller, &id).await?;
    Ok(Json(Done {}))
}
