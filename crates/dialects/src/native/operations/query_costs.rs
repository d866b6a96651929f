//! `POST /costs/query`: sums of costs by keys. The ledger holds the bills of the whole installation,
//! so only administrators may ask.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::query::{Answer, Question};
use domain::Refusal;
use schemars::SchemaGenerator;

pub(super) const DESCRIBED: Described = Described {
    id: "query_costs",
    method: "post",
    path: "/api/v1/costs/query",
    summary: "sums costs by up to four keys, filtered, currency by currency",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<Question>),
    gives: Some(SchemaGenerator::subschema_for::<Answer>),
};

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(question): Json<Question>,
) -> Result<Json<Answer>, Fault> {
    caller.may_administer()?;
    let ledger = native.ledger.clone();
    let asked = tokio::task::spawn_blocking(move || ledger.ask(&question)).await;
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    Ok(Json(asked.map_err(failed)?.map_err(Refusal::from)?))
}
