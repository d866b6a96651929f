//! `POST /costs/advice`: what to change to spend less, by every rule, over the ledger's lines. Rules
//! that need a catalog or samples of machines say that they are missing; `tradewind advice` has both.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::rules::{Context, Findings, Policy, advise};
use domain::{Refusal, Timestamp};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

pub(super) const DESCRIBED: Described = Described {
    id: "list_advice",
    method: "post",
    path: "/api/v1/costs/advice",
    summary: "says what to change to spend less, rule by rule, or why a rule has nothing to say",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<AdviceQuestion>),
    gives: Some(SchemaGenerator::subschema_for::<Advised>),
};

/// What advice shall look at.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AdviceQuestion {
    /// Days of lines.
    days: u16,
    /// Up to this instant; unset is now.
    until: Option<Timestamp>,
    /// Discounts on offer: names and per cent.
    discounts: Vec<(String, u32)>,
}

impl Default for AdviceQuestion {
    fn default() -> Self {
        Self {
            days: 30,
            until: None,
            discounts: Vec::new(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Advised {
    rules: Vec<Findings>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(wanted): Json<AdviceQuestion>,
) -> Result<Json<Advised>, Fault> {
    caller.may_administer()?;
    if wanted.discounts.iter().any(|(_, percent)| *percent >= 100) {
        let message = "a discount is below 100 per cent";
        return Err(Fault(Refusal::invalid(message)));
    }
    let (ledger, now) = (native.ledger.clone(), native.control.world.now());
    let asked = tokio::task::spawn_blocking(move || {
        advise(&Context {
            ledger: &ledger,
            machines: &[],
            offers: None,
            discounts: &wanted.discounts,
            policy: Policy::default(),
            now: wanted.until.unwrap_or(now),
            days: i32::from(wanted.days.max(1)),
        })
    });
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    let rules = asked.await.map_err(failed)?.map_err(Refusal::from)?;
    Ok(Json(Advised { rules }))
}
