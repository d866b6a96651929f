//! `POST /costs/advice`: what to change to spend less, by every rule, over the ledger's lines, the
//! catalog's prices and the samples of machines that are given. A rule whose inputs are missing says so.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::rules::utilization::{self, Machine};
use costs::rules::{Context, Findings, Policy, RULES, advise};
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
    /// Samples of machines in per cent, evenly spaced; `NAME:accelerator`, `NAME:memory` and
    /// `NAME:network` are those of parts of `NAME`.
    machines: Vec<Machine>,
    /// How machines are sized: `percentile` or `simple`.
    policy: Policy,
    /// Only this rule.
    rule: Option<String>,
}

impl Default for AdviceQuestion {
    fn default() -> Self {
        Self {
            days: 30,
            until: None,
            discounts: Vec::new(),
            machines: Vec::new(),
            policy: Policy::default(),
            rule: None,
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
    let known = |rule: &String| RULES.iter().any(|known| known.name() == rule);
    if let Some(rule) = wanted.rule.as_ref().filter(|rule| !known(rule)) {
        return Err(Fault(Refusal::not_found("rule", rule)));
    }
    let (ledger, now) = (native.ledger.clone(), native.control.world.now());
    let offers = native.control.offers.clone();
    let asked = tokio::task::spawn_blocking(move || {
        // Rules that need prices say that there are none.
        let prices = offers.and_then(|offers| offers.prices().ok());
        let (now, days) = (wanted.until.unwrap_or(now), i32::from(wanted.days.max(1)));
        let mut machines = wanted.machines;
        utilization::price(&mut machines, &ledger, now, days)?;
        let mut all = advise(&Context {
            ledger: &ledger,
            machines: &machines,
            offers: prices.as_deref(),
            discounts: &wanted.discounts,
            policy: wanted.policy,
            now,
            days,
        })?;
        all.retain(|findings| {
            wanted
                .rule
                .as_ref()
                .is_none_or(|rule| findings.rule == rule)
        });
        Ok::<_, costs::Error>(all)
    });
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    let rules = asked.await.map_err(failed)?.map_err(Refusal::from)?;
    Ok(Json(Advised { rules }))
}
