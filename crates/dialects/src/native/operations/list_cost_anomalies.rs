//! `POST /costs/anomalies`: days that cost more or less than days like them, and what made the
//! difference.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::anomalies::{Anomaly, Watch, anomalies};
use domain::Refusal;
use domain::day::Day;
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// Days that are looked at when nothing else is asked.
const USUAL_DAYS: i32 = 90;

pub(super) const DESCRIBED: Described = Described {
    id: "list_cost_anomalies",
    method: "post",
    path: "/api/v1/costs/anomalies",
    summary: "lists days that were not as expected, and what made the difference",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<AnomalyQuestion>),
    gives: Some(SchemaGenerator::subschema_for::<Anomalies>),
};

/// What is watched, and when.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AnomalyQuestion {
    /// What is watched.
    watch: Watch,
    /// From this day on; unset is 90 days before the end.
    #[schemars(with = "Option<String>")]
    from: Option<Day>,
    /// Before this day; unset is the end of what is known.
    #[schemars(with = "Option<String>")]
    to: Option<Day>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Anomalies {
    items: Vec<Anomaly>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(asked): Json<AnomalyQuestion>,
) -> Result<Json<Anomalies>, Fault> {
    caller.may_administer()?;
    let (ledger, now) = (native.ledger.clone(), native.control.world.now());
    let answered = tokio::task::spawn_blocking(move || {
        let known = ledger.known_until(Day::from_unix_millis(now.0))?;
        let to = asked.to.unwrap_or(known);
        let from = asked.from.unwrap_or(Day::from_days(to.days() - USUAL_DAYS));
        anomalies(&ledger, &asked.watch, from, to)
    });
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    let items = answered.await.map_err(failed)?.map_err(Refusal::from)?;
    Ok(Json(Anomalies { items }))
}
