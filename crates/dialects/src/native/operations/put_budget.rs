//! `PUT /costs/budgets/{name}`: sets a budget for every month.

use crate::native::access::Authenticated;
use crate::native::audit::audit;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::Amount;
use costs::budgets::Budget;
use costs::query::{Filter, Metric};
use domain::Refusal;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;
use serde_json::json;

pub(super) const DESCRIBED: Described = Described {
    id: "put_budget",
    method: "put",
    path: "/api/v1/costs/budgets/{name}",
    summary: "sets a budget for every month; a hard one refuses runs that would pass it",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<BudgetToSet>),
    gives: Some(SchemaGenerator::subschema_for::<Budget>),
};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BudgetToSet {
    /// The most that a month may cost.
    amount: Amount,
    /// In which currency.
    #[serde(default = "dollars")]
    currency: String,
    /// Which cost.
    #[serde(default = "effective")]
    metric: Metric,
    /// Which lines count; none is everything.
    #[serde(default)]
    filters: Vec<Filter>,
    /// Shares of the amount, in per cent, at which an alert is given.
    #[serde(default = "thresholds")]
    thresholds: Vec<u32>,
    /// Whether runs that would pass it are refused.
    #[serde(default)]
    hard: bool,
}

fn dollars() -> String {
    "USD".to_owned()
}

fn effective() -> Metric {
    Metric::Effective
}

fn thresholds() -> Vec<u32> {
    vec![50, 80, 100]
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
    Json(wanted): Json<BudgetToSet>,
) -> Result<Json<Budget>, Fault> {
    caller.may_administer()?;
    let budget = Budget {
        name: name.clone(),
        amount: wanted.amount,
        currency: wanted.currency,
        metric: wanted.metric,
        filters: wanted.filters,
        thresholds: wanted.thresholds,
        hard: wanted.hard,
    };
    let (ledger, kept) = (native.ledger.clone(), budget.clone());
    let set = tokio::task::spawn_blocking(move || ledger.set_budget(kept)).await;
    let failed = |_| Fault(Refusal::internal("the budget could not be kept"));
    set.map_err(failed)?.map_err(Refusal::from)?;
    let detail = json!({"amount": budget.amount, "currency": budget.currency, "hard": budget.hard});
    audit(&native, &caller, ("budget", &name), "set", detail).await?;
    Ok(Json(budget))
}
