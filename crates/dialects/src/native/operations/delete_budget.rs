//! `DELETE /costs/budgets/{name}`: removes a budget.

use super::Done;
use crate::native::access::Authenticated;
use crate::native::audit::audit;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use domain::Refusal;
use schemars::SchemaGenerator;
use serde_json::json;

pub(super) const DESCRIBED: Described = Described {
    id: "delete_budget",
    method: "delete",
    path: "/api/v1/costs/budgets/{name}",
    summary: "removes a budget",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<Done>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(name): Path<String>,
) -> Result<Json<Done>, Fault> {
    caller.may_administer()?;
    let (ledger, gone) = (native.ledger.clone(), name.clone());
    let removed = tokio::task::spawn_blocking(move || ledger.remove_budget(&gone)).await;
    let failed = |_| Fault(Refusal::internal("the budget could not be removed"));
    if !removed.map_err(failed)?.map_err(Refusal::from)? {
        return Err(Fault(Refusal::not_found("budget", name)));
    }
    audit(&native, &caller, ("budget", &name), "deleted", json!({})).await?;
    Ok(Json(Done {}))
}
