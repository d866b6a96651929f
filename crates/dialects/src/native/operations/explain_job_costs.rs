//! `GET /jobs/{id}/costs`: what a job was planned at, what it cost, and what made the difference.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::metering::{Explained, explain};
use domain::{JobId, Refusal};
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "explain_job_costs",
    method: "get",
    path: "/api/v1/jobs/{id}/costs",
    summary: "says what a job was planned at, what it cost, and what made the difference",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Explained>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<JobId>,
) -> Result<Json<Explained>, Fault> {
    let job = native.control.job(&caller, &id).await?;
    let ledger = native.ledger.clone();
    let asked = tokio::task::spawn_blocking(move || explain(&ledger, &job)).await;
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    Ok(Json(asked.map_err(failed)?.map_err(Refusal::from)?))
}
