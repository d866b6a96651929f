//! `POST /runs`: makes a run of a pipeline; it begins at once.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native, advice};
use axum::extract::State;
use control::runs::NewRun;
use domain::pipeline::Run;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "submit_run",
    method: "post",
    path: "/api/v1/runs",
    summary: "makes a run of a pipeline; it begins at once",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<NewRun>),
    gives: Some(SchemaGenerator::subschema_for::<Run>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(mut new): Json<NewRun>,
) -> Result<Json<Run>, Fault> {
    advice::size(&native, &caller, &mut new.spec).await?;
    let answer = native.control.submit_run(&caller, &new).await?;
    Ok(Json(answer))
}
