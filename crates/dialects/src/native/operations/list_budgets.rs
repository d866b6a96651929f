//! `GET /costs/budgets`: how budgets stand in this month.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::budgets::Standing;
use domain::Refusal;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

pub(super) const DESCRIBED: Described = Described {
    id: "list_budgets",
    method: "get",
    path: "/api/v1/costs/budgets",
    summary: "how budgets stand in this month: spent, forecast, alerts",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Budgets>),
};

#[derive(Serialize, JsonSchema)]
pub(super) struct Budgets {
    items: Vec<Standing>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Budgets>, Fault> {
    caller.may_administer()?;
    let (ledger, now) = (native.ledger.clone(), native.control.world.now());
    let asked = tokio::task::spawn_blocking(move || -> Result<Vec<Standing>, costs::Error> {
        let budgets = ledger.budgets()?;
        budgets
            .values()
            .map(|budget| ledger.standing(budget, now))
            .collect()
    });
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    let items = asked.await.map_err(failed)?.map_err(Refusal::from)?;
    Ok(Json(Budgets { items }))
}
