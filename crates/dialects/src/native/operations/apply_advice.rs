//! `POST /costs/advice/apply`: carries out what advice says of something that Tradewind runs.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native, advice};
use axum::extract::State;
use costs::rules::{Action, Applied};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;

pub(super) const DESCRIBED: Described = Described {
    id: "apply_advice",
    method: "post",
    path: "/api/v1/costs/advice/apply",
    summary: "carries out what advice says of something that Tradewind runs, and remembers how to undo it",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<AdviceToApply>),
    gives: Some(SchemaGenerator::subschema_for::<Applied>),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AdviceToApply {
    /// The rule that advised it.
    rule: String,
    /// What to do.
    action: Action,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(wanted): Json<AdviceToApply>,
) -> Result<Json<Applied>, Fault> {
    let applied = advice::apply(&native, &caller, &wanted.rule, wanted.action).await?;
    Ok(Json(applied))
}
