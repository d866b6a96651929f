//! `GET /costs/advice/applied`: what was applied, and what of it was undone.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::rules::Applied;
use domain::Refusal;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

pub(super) const DESCRIBED: Described = Described {
    id: "list_applied_advice",
    method: "get",
    path: "/api/v1/costs/advice/applied",
    summary: "lists advice that was applied, and what of it was undone",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<AppliedList>),
};

#[derive(Serialize, JsonSchema)]
pub(super) struct AppliedList {
    items: Vec<Applied>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
) -> Result<Json<AppliedList>, Fault> {
    caller.may_administer()?;
    let mut items: Vec<Applied> = native
        .ledger
        .applied()
        .map_err(Refusal::from)?
        .into_values()
        .collect();
    items.sort_by_key(|applied| applied.at);
    Ok(Json(AppliedList { items }))
}
