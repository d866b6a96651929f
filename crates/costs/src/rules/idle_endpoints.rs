//! Endpoints whose replicas wait for requests that do not come: judged by whole hours over at least
//! a week, never by a single sample. What Tradewind serves is told by its own meters; a cloud's
//! endpoints have requests only in that cloud's metrics, so those are machines for the rule `idle`.

use super::service_hours::{Hours, endpoints};
use super::{Action, Advice, Apply, Confidence, Context, Rule};
use crate::Error;
use crate::amount::Amount;

/// Hours with replicas that are needed.
const LEAST_HOURS: usize = 7 * 24;
/// Below this share of hours with a request, in per cent, replicas need not wait for them.
const BUSY_HOURS: usize = 5;

pub(super) struct IdleEndpoints;

impl Rule for IdleEndpoints {
    fn name(&self) -> &'static str {
        "idle-endpoints"
    }

    fn inputs(&self) -> &'static str {
        "metered lines of Tradewind's endpoints: replica-hours, requests and busy time by the hour"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let all = endpoints(context)?;
        let longest = all.iter().map(|one| one.replicas.len()).max().unwrap_or(0);
        if longest < LEAST_HOURS {
            return Ok(Err(format!(
                "no endpoint of Tradewind has {LEAST_HOURS} metered hours (the longest has \
                 {longest}); fewer do not show that it is idle"
            )));
        }
        let long = all.iter().filter(|one| one.replicas.len() >= LEAST_HOURS);
        Ok(Ok(long.filter_map(|one| advise(context, one)).collect()))
    }
}

fn advise(context: &Context<'_>, endpoint: &Hours) -> Option<Advice> {
    let hours = endpoint.replicas.len();
    let busy = endpoint.hours_with_requests();
    if busy * 100 >= hours * BUSY_HOURS || endpoint.floor() < 1 {
        return None;
    }
    // Hours with requests go on to cost what they did.
    let idle: Amount = endpoint
        .cost
        .iter()
        .filter(|(hour, _)| !endpoint.requests.contains_key(*hour))
        .map(|(_, cost)| *cost)
        .sum();
    let requests: Amount = endpoint.requests.values().copied().sum();
    let action = endpoint
        .place()
        .map(|(workspace, name, deployment)| Action::ScaleEndpoint {
            workspace,
            endpoint: name,
            deployment,
            replicas: 0,
        });
    Some(Advice {
        rule: "idle-endpoints",
        subject: endpoint.resource.clone(),
        change: "keep no replica ready; the first request after a pause starts one".to_owned(),
        evidence: vec![
            format!("{busy} of {hours} hours had a request, {requests} requests in all"),
            format!(
                "replicas ready in half of the hours: {}, in the busiest: {}",
                endpoint.percentile_of_replicas(50).for_people(),
                endpoint.percentile_of_replicas(100).for_people()
            ),
        ],
        saving_per_month: Some(context.per_month(idle)),
        currency: endpoint.currency.clone(),
        confidence: super::by_history(hours / 24).max(Confidence::Medium),
        risk: "the first request after a pause waits for a start, some seconds where the model is \
               large"
            .to_owned(),
        undo: "`tradewind advice undo` sets the replicas that were kept before".to_owned(),
        apply: action.map_or_else(
            || Apply::Hand {
                what: "deploy it with `--replicas 0`".to_owned(),
            },
            |action| Apply::Tradewind { action },
        ),
    })
}
