//! `GET /runs/{id}/plan`: the plan that is kept with a run.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use control::plans::RunPlans;
use domain::RunId;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "get_run_plan",
    method: "get",
    path: "/api/v1/runs/{id}/plan",
    summary: "reads the plan that is kept with a run: the answer, its prices and its hash; under `later` what was planned anew for jobs in its course",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<serde_json::Value>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<RunId>,
) -> Result<Json<RunPlans>, Fault> {
    let answer = native.control.run_plan(&caller, &id).await?;
    Ok(Json(answer))
}
