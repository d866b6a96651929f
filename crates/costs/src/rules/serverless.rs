//! Paid by the call or paid by the hour: which is cheaper for the traffic that was seen.
//!
//! A cloud's function is held against the cheapest machine of the catalog that has its memory; an
//! always-on endpoint of Tradewind against what its busy time would cost by the call.

use super::service_hours::{Hours, endpoints, functions};
use super::{Advice, Apply, Confidence, Context, Rule, is};
use crate::Error;
use crate::amount::Amount;
use crate::focus::Column;
use crate::query::Key;
use domain::offer::{OfferTable, Purchase};
use std::collections::{BTreeMap, BTreeSet};

/// Dollars for a GB-second and for a million requests of AWS Lambda on x86, first tier
/// (aws.amazon.com/lambda/pricing, us-east-1).
const BY_SECOND: &str = "0.0000166667";
const BY_MILLION: &str = "0.20";
/// Days with usage that are needed.
const LEAST_DAYS: usize = 14;
const LEAST_HOURS: usize = LEAST_DAYS * 24;
/// A saving below this per cent is not worth a move.
const WORTH: i128 = 20;

pub(super) struct Serverless;

impl Rule for Serverless {
    fn name(&self) -> &'static str {
        "serverless"
    }

    fn inputs(&self) -> &'static str {
        "lines of functions by the second (`Lambda-GB-Second`), metered endpoints and functions of \
         Tradewind, and the catalog"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let mut advice = Vec::new();
        let seen = clouds(context, &mut advice)?;
        let own = endpoints(context)?;
        let long = own.iter().filter(|one| one.replicas.len() >= LEAST_HOURS);
        let judged = long.clone().count();
        advice.extend(long.filter_map(|one| by_the_call(context, one)));
        let called = functions(context)?.len();
        if seen == 0 && judged == 0 {
            return Ok(Err(format!(
                "no function of a cloud has lines by the second on {LEAST_DAYS} days, and no endpoint \
                 of Tradewind {LEAST_HOURS} metered hours ({called} functions of Tradewind run on this \
                 machine and cost what they use either way)"
            )));
        }
        Ok(Ok(advice))
    }
}

/// What a function of a cloud used.
#[derive(Default)]
struct Calls {
    cost: Amount,
    /// GB-seconds.
    seconds: Amount,
    days: BTreeSet<String>,
}

/// Functions of clouds that a machine would do cheaper; how many were judged.
fn clouds(context: &Context<'_>, advice: &mut Vec<Advice>) -> Result<usize, Error> {
    let usage = is("charge", &["Usage"])?;
    let by = vec![
        Key::parse("resource")?,
        Key::parse("region")?,
        Key::Column(Column::SkuMeter),
        Key::Day,
    ];
    let answer = context.ledger.ask(&context.question(by, vec![usage]))?;
    let mut all: BTreeMap<[String; 3], Calls> = BTreeMap::new();
    for group in &answer.groups {
        let [Some(resource), Some(region), Some(meter), Some(day)] = group.keys.as_slice() else {
            continue;
        };
        if meter.contains("Lambda-GB-Second") {
            let key = [resource.clone(), region.clone(), group.currency.clone()];
            let one = all.entry(key).or_default();
            one.cost += group.values[0];
            one.seconds += group.values[2];
            one.days.insert(day.clone());
        }
    }
    all.retain(|_, calls| calls.days.len() >= LEAST_DAYS);
    let judged = all.len();
    let Some(offers) = context.offers else {
        return Ok(0);
    };
    for (
        [subject, region, currency],
        Calls {
            cost,
            seconds,
            days,
        },
    ) in all
    {
        let month = context.per_month(cost);
        let hours = i64::from(context.days.max(1)) * 24;
        // Memory that computed at once on average, and as much again for peaks within the hour.
        let gib = seconds
            .over(Amount::whole(hours * 3_600))
            .unwrap_or_default();
        let need = gib.part(2, 1).approximate().max(1.0);
        let Some((machine, price)) = machine(offers, &region, need) else {
            continue;
        };
        let always = price.times(Amount::whole(730)).rounded(2);
        let saving = month - always;
        if saving.part(100, month.atoms().max(1)).atoms() < WORTH {
            continue;
        }
        advice.push(Advice {
            rule: "serverless",
            change: format!("serve it on a machine that is always on, `{machine}` in `{region}`"),
            evidence: vec![
                format!(
                    "{} GB-seconds on {} days: {} GB compute at once on average",
                    seconds.for_people(),
                    days.len(),
                    gib.rounded(3)
                ),
                format!("by the call {} {currency} a month, always on {always}", month.for_people()),
            ],
            saving_per_month: Some(saving),
            currency,
            confidence: Confidence::Low,
            risk: "one machine is one place that fails, and bursts beyond twice the average wait; \
                   CPU was not looked at"
                .to_owned(),
            undo: "send the traffic to the function again".to_owned(),
            apply: Apply::Hand {
                what: "deploy the function to Tradewind (`tradewind functions deploy`) on such a machine"
                    .to_owned(),
            },
            subject,
        });
    }
    Ok(judged)
}

/// The cheapest machine of a region with so much memory in GiB, with its price for an hour.
fn machine(offers: &OfferTable, region: &str, gib: f64) -> Option<(String, Amount)> {
    let fits = offers.iter().filter(|offer| {
        offer.region() == region
            && offer.machine().memory_bytes as f64 >= gib * (1_u64 << 30) as f64
    });
    let priced = fits.filter_map(|offer| {
        let price = Amount::from(offer.price(Purchase::OnDemand)?.per_hour);
        (price > Amount::ZERO).then(|| (price, offer.machine().name.to_string()))
    });
    priced.min().map(|(price, name)| (name, price))
}

/// An endpoint that would cost less by the call.
fn by_the_call(context: &Context<'_>, endpoint: &Hours) -> Option<Advice> {
    if endpoint.currency != "USD" {
        return None;
    }
    let cost: Amount = endpoint.cost.values().copied().sum();
    let replicas: Amount = endpoint.replicas.values().copied().sum();
    let busy: Amount = endpoint.busy.values().copied().sum();
    let requests: Amount = endpoint.requests.values().copied().sum();
    // The memory of one replica, for as long as requests were computed.
    let memory = endpoint.memory.over(replicas)?;
    let seconds = memory.times(busy).times(Amount::whole(3_600));
    let rate = |text: &str| text.parse::<Amount>().unwrap_or_default();
    let by_call =
        seconds.times(rate(BY_SECOND)) + requests.times(rate(BY_MILLION)).part(1, 1_000_000);
    let saving = cost - by_call;
    if saving.part(100, cost.atoms().max(1)).atoms() < WORTH {
        return None;
    }
    let share = busy.part(1_000, replicas.atoms().max(1)).atoms();
    Some(Advice {
        rule: "serverless",
        subject: endpoint.resource.clone(),
        change: "serve it by the call".to_owned(),
        evidence: vec![
            format!(
                "{requests} requests kept its replicas busy for {share} ‰ of {replicas} replica-hours"
            ),
            format!(
                "always on {} USD in {} days; by the call, at {BY_SECOND} USD a GB-second and \
                 {BY_MILLION} a million requests, {}",
                cost.for_people(),
                context.days,
                by_call.for_people()
            ),
        ],
        saving_per_month: Some(context.per_month(saving)),
        currency: endpoint.currency.clone(),
        confidence: Confidence::Low,
        risk: "cold starts, limits of a package's size and of a call's time".to_owned(),
        undo: "send the traffic to the endpoint again".to_owned(),
        apply: Apply::Hand {
            what:
                "on this machine `idle-endpoints` does the same without a move; in a cloud, deploy \
                   the model as a function"
                    .to_owned(),
        },
    })
}
