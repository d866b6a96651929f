//! `DELETE /jobs/{id}`: forgets a job that is over.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::JobId;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_job",
    method: "delete",
    path: "/api/v1/jobs/{id}",
    summary: "forgets a job that is over",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<Done>, Fault> {
    native.control.delete_job(&caller, &id).await?;
    Ok(Json(Done {}))
}
