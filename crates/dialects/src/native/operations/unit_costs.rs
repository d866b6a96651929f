//! `POST /costs/unit`: what one of something costs: a training job, a thousand predictions, a model.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::query::{Per, Question, UnitCost, unit_cost};
use domain::Refusal;
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

pub(super) const DESCRIBED: Described = Described {
    id: "unit_costs",
    method: "post",
    path: "/api/v1/costs/unit",
    summary: "says what one of something costs, currency by currency",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<UnitQuestion>),
    gives: Some(SchemaGenerator::subschema_for::<UnitCosts>),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitQuestion {
    /// Which costs.
    #[serde(default)]
    question: Question,
    /// Per what.
    per: Per,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct UnitCosts {
    items: Vec<UnitCost>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(asked): Json<UnitQuestion>,
) -> Result<Json<UnitCosts>, Fault> {
    caller.may_administer()?;
    let ledger = native.ledger.clone();
    let answered =
        tokio::task::spawn_blocking(move || unit_cost(&ledger, &asked.question, &asked.per)).await;
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    let items = answered.map_err(failed)?.map_err(Refusal::from)?;
    Ok(Json(UnitCosts { items }))
}
