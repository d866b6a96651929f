//! `POST /costs/allocate`: everybody's part of shared and idle costs; the parts add up to the whole.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::allocation::{Rule, Share, allocate};
use costs::query::Question;
use domain::Refusal;
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

pub(super) const DESCRIBED: Described = Described {
    id: "allocate_costs",
    method: "post",
    path: "/api/v1/costs/allocate",
    summary: "spreads shared and idle costs over those who cause them, to the last atom",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<Allocation>),
    gives: Some(SchemaGenerator::subschema_for::<Shares>),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Allocation {
    /// Which costs.
    #[serde(default)]
    question: Question,
    /// Among whom and how.
    rule: Rule,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Shares {
    items: Vec<Share>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(asked): Json<Allocation>,
) -> Result<Json<Shares>, Fault> {
    caller.may_administer()?;
    let ledger = native.ledger.clone();
    let answered =
        tokio::task::spawn_blocking(move || allocate(&ledger, &asked.question, &asked.rule)).await;
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    let items = answered.map_err(failed)?.map_err(Refusal::from)?;
    Ok(Json(Shares { items }))
}
