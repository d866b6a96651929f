//! Endpoints that keep more replicas ready than their traffic needs: the replicas that computed at
//! once are the busy time of an hour, and their 99th percentile and a half more is what is kept.

use super::service_hours::{Hours, endpoints, percentile};
use super::{Action, Advice, Apply, Confidence, Context, Rule};
use crate::Error;
use crate::amount::Amount;

const LEAST_HOURS: usize = 7 * 24;
/// Kept above the busiest hours, in per cent: arrivals within an hour are not even.
const HEADROOM: i128 = 150;

pub(super) struct EndpointSize;

impl Rule for EndpointSize {
    fn name(&self) -> &'static str {
        "endpoint-size"
    }

    fn inputs(&self) -> &'static str {
        "metered lines of Tradewind's endpoints: replica-hours and busy time by the hour"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let all = endpoints(context)?;
        let longest = all.iter().map(|one| one.replicas.len()).max().unwrap_or(0);
        if longest < LEAST_HOURS {
            return Ok(Err(format!(
                "no endpoint of Tradewind has {LEAST_HOURS} metered hours (the longest has {longest})"
            )));
        }
        let long = all.iter().filter(|one| one.replicas.len() >= LEAST_HOURS);
        Ok(Ok(long.filter_map(|one| advise(context, one)).collect()))
    }
}

fn advise(context: &Context<'_>, endpoint: &Hours) -> Option<Advice> {
    let floor = endpoint.floor();
    // Every hour counts: one without a request was busy for no time.
    let mut busy: Vec<Amount> = endpoint.busy.values().copied().collect();
    busy.resize(endpoint.replicas.len().max(busy.len()), Amount::ZERO);
    let high = percentile(busy, 99);
    let needed = high.part(HEADROOM, 100).approximate().ceil().max(1.0) as u32;
    if floor <= needed {
        return None;
    }
    let cost: Amount = endpoint.cost.values().copied().sum();
    let saving = cost.part(i128::from(floor - needed), i128::from(floor));
    let (workspace, name, deployment) = endpoint.place()?;
    Some(Advice {
        rule: "endpoint-size",
        subject: endpoint.resource.clone(),
        change: format!("keep {needed} replicas ready instead of {floor}"),
        evidence: vec![
            format!(
                "in 99 of 100 of {} hours no more than {} replicas computed at once, on average of \
                 the hour",
                endpoint.replicas.len(),
                high.rounded(2)
            ),
            format!("{floor} were ready in nine of ten hours"),
        ],
        saving_per_month: Some(context.per_month(saving)),
        currency: endpoint.currency.clone(),
        confidence: super::by_history(endpoint.replicas.len() / 24).min(Confidence::Medium),
        risk: "requests that come at the same moment wait for each other; the most replicas under \
               load stay as they are"
            .to_owned(),
        undo: "`tradewind advice undo` sets the replicas that were kept before".to_owned(),
        apply: Apply::Tradewind {
            action: Action::ScaleEndpoint {
                workspace,
                endpoint: name,
                deployment,
                replicas: needed,
            },
        },
    })
}
