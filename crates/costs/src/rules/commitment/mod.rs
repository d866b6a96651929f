//! Commitments: for one discount d, the hourly commitment that costs least covers the d-quantile of
//! the hourly eligible spend, because one more dollar covered costs 1 − d every hour and saves a
//! dollar in the share of hours that reach it (the newsvendor's critical fractile). Several that are
//! each for a part of the spend are weighed against each other.

mod known;
mod scoped;
mod several;

use super::{Advice, Apply, Context, Rule, is};
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use known::{Offer, Offers};
use std::collections::BTreeMap;

const LEAST_HOURS: usize = 14 * 24;

pub(super) struct Commitment;

impl Rule for Commitment {
    fn name(&self) -> &'static str {
        "commitment"
    }

    fn inputs(&self) -> &'static str {
        "hourly lines of usage at standard prices by provider, and the discounts on offer, also for \
         a part of it (`--discount NAME=PERCENT@region=…`); without them what the bill's own commitments \
         save, or what the catalog's committed prices would"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        if context.discounts.iter().any(|(name, _)| name.contains('@')) {
            return scoped::look(context);
        }
        let filters = eligible()?;
        let by = vec![Key::parse("provider")?, Key::Hour];
        let answer = context.ledger.ask(&context.question(by, filters))?;
        let mut spend: BTreeMap<(String, String), Vec<Amount>> = BTreeMap::new();
        for group in answer.groups {
            let provider = group.keys[0].clone().unwrap_or_default();
            spend
                .entry((provider, group.currency))
                .or_default()
                .push(group.values[0]);
        }
        let longest = spend.values().map(Vec::len).max().unwrap_or(0);
        if longest < LEAST_HOURS {
            return Ok(Err(too_few(longest)));
        }
        let given: Vec<Offer> = context.discounts.iter().map(given).collect();
        let mut known = Offers::new();
        if given.is_empty() {
            known = known::of_the_catalog(context)?;
            // What was paid says more than what is published.
            known.extend(known::of_the_bill(context)?);
            if known.is_empty() {
                let why = "no discount is known, neither from lines under a commitment nor from the \
                           catalog; give what you are offered: `--discount plan=28`";
                return Ok(Err(why.to_owned()));
            }
        }
        let mut advice = Vec::new();
        for ((provider, currency), hours) in &mut spend {
            // Hours without a line cost nothing and count.
            hours.resize(context.days.max(1) as usize * 24, Amount::ZERO);
            hours.sort();
            let offers = known.get(provider).unwrap_or(&given);
            let best = offers
                .iter()
                .map(|offer| (offer, best(hours, offer.percent)));
            let Some((offer, plan)) = best.max_by_key(|(_, plan)| plan.saving) else {
                continue;
            };
            if plan.saving > Amount::ZERO {
                advice.push(render(context, provider, currency, offer, &plan, hours));
            }
        }
        Ok(Ok(advice))
    }
}

fn given((name, percent): &(String, u32)) -> Offer {
    Offer {
        name: name.clone(),
        percent: *percent,
        origin: None,
    }
}

/// Lines that commitments may cover.
fn eligible() -> Result<Vec<crate::query::Filter>, Error> {
    Ok(vec![
        is("charge", &["Usage"])?,
        is("pricing", &["Standard"])?,
        is("category", &["Compute", "AI and Machine Learning"])?,
    ])
}

struct Plan {
    /// Spend at standard prices that is covered in every hour.
    covers: Amount,
    /// What is paid for that in every hour.
    hourly: Amount,
    /// Against paying standard prices, over all hours.
    saving: Amount,
}

fn too_few(longest: usize) -> String {
    format!(
        "{longest} hours have eligible usage and {LEAST_HOURS} are needed (lines by the hour, at \
         standard prices, of compute or machine learning)"
    )
}

/// What a commitment at a discount in per cent best covers in every hour, of hours sorted upwards:
/// an hour less would be covered above this quantile, an hour more below it. Nothing is less than 0.
pub fn covered(sorted: &[Amount], percent: u32) -> Amount {
    let at = (sorted.len() * percent as usize / 100).min(sorted.len().saturating_sub(1));
    let hour = sorted.get(at).copied().unwrap_or_default();
    hour.max(Amount::ZERO)
}

/// The best commitment at a discount in per cent, for sorted hours.
fn best(sorted: &[Amount], percent: u32) -> Plan {
    let covers = covered(sorted, percent);
    let hourly = covers.part(i128::from(100 - percent.min(100)), 100);
    let standard: Amount = sorted.iter().copied().sum();
    let rest: Amount = sorted
        .iter()
        .map(|spend| (*spend - covers).max(Amount::ZERO))
        .sum();
    let committed = hourly.times(Amount::whole(sorted.len() as i64));
    Plan {
        covers,
        hourly,
        saving: standard - committed - rest,
    }
}

fn render(
    context: &Context<'_>,
    provider: &str,
    currency: &str,
    offer: &Offer,
    plan: &Plan,
    hours: &[Amount],
) -> Advice {
    let used: Amount = hours.iter().map(|spend| (*spend).min(plan.covers)).sum();
    let bought = plan.covers.times(Amount::whole(hours.len() as i64));
    let Offer {
        name,
        percent,
        origin,
    } = offer;
    let utilisation = used.part(100, bought.atoms().max(1)).atoms();
    Advice {
        rule: "commitment",
        subject: provider.to_owned(),
        change: format!(
            "commit to {} {currency} an hour of `{name}` at {percent} % discount",
            plan.hourly.for_people()
        ),
        evidence: vec![
            format!("{} hours of eligible spend", hours.len()),
            format!(
                "it covers {} {currency} an hour at standard prices, which {percent} % of the hours \
                 did not reach; {utilisation} % of it would have been used",
                plan.covers.for_people()
            ),
        ]
        .into_iter()
        .chain(origin.clone())
        .collect(),
        saving_per_month: Some(context.per_month(plan.saving)),
        currency: currency.to_owned(),
        confidence: super::by_history(hours.len() / 24).min(match origin {
            Some(_) => super::Confidence::Low,
            None => super::Confidence::Medium,
        }),
        risk: "it is paid whether it is used or not; right-size and stop what is idle first"
            .to_owned(),
        undo: "most commitments cannot be given back before they end".to_owned(),
        apply: Apply::Hand {
            what: format!("buy `{name}` from {provider}; Tradewind signs no contracts"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_commitment_saves_more() {
        let mut hours: Vec<Amount> = (0..200_i64)
            .map(|n| Amount::whole((n * 7919) % 97 + (n % 24) * 3))
            .collect();
        hours.sort();
        for percent in [10, 28, 50, 72] {
            let plan = best(&hours, percent);
            let saving = |covers: i64| {
                let covers = Amount::whole(covers);
                let hourly = covers.part(i128::from(100 - percent), 100);
                let rest: Amount = hours.iter().map(|h| (*h - covers).max(Amount::ZERO)).sum();
                let all: Amount = hours.iter().copied().sum();
                all - hourly.times(Amount::whole(hours.len() as i64)) - rest
            };
            for covers in 0..200 {
                assert!(saving(covers) <= plan.saving, "{percent} % and {covers}");
            }
        }
    }
}
