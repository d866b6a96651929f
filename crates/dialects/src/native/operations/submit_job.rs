//! `POST /jobs`: makes a job; it is queued at once.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::jobs::NewJob;
use domain::job::Job;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "submit_job",
    method: "post",
    path: "/api/v1/jobs",
    summary: "makes a job; it is queued at once",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<NewJob>),
    gives: Some(SchemaGenerator::subschema_for::<Job>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(new): Json<NewJob>,
) -> Result<Json<Job>, Fault> {
    let answer = native.control.submit_job(&caller, &new).await?;
    Ok(Json(answer))
}
