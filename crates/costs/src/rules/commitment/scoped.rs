//! Discounts for a part of the spend: `m5-plan@resource-type=m5.large=41`.

use super::several::{self, MOST_PLANS};
use super::{LEAST_HOURS, eligible, too_few};
use crate::Error;
use crate::amount::Amount;
use crate::query::Key;
use crate::rules::{Advice, Apply, Confidence, Context, by_history};
use std::collections::BTreeMap;

/// Keys that discounts may be narrowed by, together: an hour and a provider are asked for as well.
const MOST_KEYS: usize = 2;
/// Money is weighed in millionths.
const MICRO: i128 = 1_000_000_000_000;

/// What an hour spent, by kind.
type Kinds = BTreeMap<Vec<Option<String>>, i64>;

/// A discount as it was given.
struct Offer<'a> {
    name: &'a str,
    percent: u32,
    /// All of these must hold.
    scope: Vec<(Key, &'a str)>,
}

pub(super) fn look(context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
    let mut offers = Vec::new();
    for (name, percent) in context.discounts {
        offers.push(parse(name, *percent)?);
    }
    let mut keys: Vec<Key> = Vec::new();
    for (key, _) in offers.iter().flat_map(|offer| &offer.scope) {
        if !keys.contains(key) {
            keys.push(key.clone());
        }
    }
    if keys.len() > MOST_KEYS {
        let what = format!("discounts may be narrowed by {MOST_KEYS} keys together");
        return Err(Error::Invalid(what));
    }
    // Every plan more multiplies the work: those with the largest discounts are weighed.
    offers.sort_by_key(|offer| std::cmp::Reverse(offer.percent));
    offers.truncate(MOST_PLANS);
    let by: Vec<Key> = [Key::parse("provider")?, Key::Hour]
        .into_iter()
        .chain(keys.clone())
        .collect();
    let answer = context.ledger.ask(&context.question(by, eligible()?))?;
    let mut spend: BTreeMap<(String, String), BTreeMap<String, Kinds>> = BTreeMap::new();
    for group in answer.groups {
        let provider = group.keys[0].clone().unwrap_or_default();
        let hour = group.keys[1].clone().unwrap_or_default();
        let micros = (group.values[0].atoms() / MICRO).clamp(0, i128::from(i64::MAX / 1_000));
        let hours = spend.entry((provider, group.currency)).or_default();
        *hours
            .entry(hour)
            .or_default()
            .entry(group.keys[2..].to_vec())
            .or_default() += micros as i64;
    }
    let longest = spend.values().map(BTreeMap::len).max().unwrap_or(0);
    if longest < LEAST_HOURS {
        return Ok(Err(too_few(longest)));
    }
    let mut advice = Vec::new();
    for ((provider, currency), hours) in spend {
        let mut kinds: Vec<Vec<Option<String>>> =
            hours.values().flat_map(BTreeMap::keys).cloned().collect();
        kinds.sort();
        kinds.dedup();
        let plans: Vec<several::Plan> = offers
            .iter()
            .map(|offer| several::Plan {
                percent: offer.percent,
                covers: kinds
                    .iter()
                    .map(|kind| covers(offer, &keys, kind))
                    .collect(),
            })
            .collect();
        let row = |hour: &BTreeMap<_, i64>| {
            kinds
                .iter()
                .map(|k| hour.get(k).copied().unwrap_or(0))
                .collect()
        };
        let mut rows: Vec<Vec<i64>> = hours.values().map(row).collect();
        let seen = rows.len();
        // Hours without a line cost nothing and count.
        rows.resize(context.days.max(1) as usize * 24, vec![0; kinds.len()]);
        let (caps, saving) = several::best(&rows, &plans);
        if saving > 0 {
            advice.push(render(
                context,
                (provider, currency),
                &offers,
                &caps,
                saving,
                seen,
            ));
        }
    }
    Ok(Ok(advice))
}

fn covers(offer: &Offer<'_>, keys: &[Key], kind: &[Option<String>]) -> bool {
    offer.scope.iter().all(|(key, wanted)| {
        let at = keys.iter().position(|one| one == key);
        at.is_some_and(|at| kind[at].as_deref() == Some(wanted))
    })
}

fn parse(name: &str, percent: u32) -> Result<Offer<'_>, Error> {
    let (name, scope) = name.split_once('@').unwrap_or((name, ""));
    let mut conditions = Vec::new();
    for condition in scope.split(',').filter(|one| !one.is_empty()) {
        let Some((key, value)) = condition.split_once('=') else {
            let what = format!("`{condition}` of the discount `{name}` is no `key=value`");
            return Err(Error::Invalid(what));
        };
        conditions.push((Key::parse(key)?, value));
    }
    Ok(Offer {
        name,
        percent,
        scope: conditions,
    })
}

fn render(
    context: &Context<'_>,
    (provider, currency): (String, String),
    offers: &[Offer<'_>],
    caps: &[i64],
    saving: i128,
    hours: usize,
) -> Advice {
    let amount = |micros: i64| Amount::from_atoms(i128::from(micros) * MICRO);
    let mut parts = Vec::new();
    let mut evidence = vec![format!("{hours} hours of eligible spend, weighed together")];
    for (offer, cap) in offers.iter().zip(caps) {
        if *cap == 0 {
            evidence.push(format!(
                "`{}` at {} % is worth nothing beside the others",
                offer.name, offer.percent
            ));
            continue;
        }
        let hourly = amount(*cap).part(i128::from(100 - offer.percent), 100);
        parts.push(format!(
            "{} {currency} an hour of `{}` at {} %",
            hourly.for_people(),
            offer.name,
            offer.percent
        ));
        evidence.push(format!(
            "`{}` covers {} {currency} an hour at standard prices",
            offer.name,
            amount(*cap).for_people()
        ));
    }
    if context.discounts.len() > offers.len() {
        evidence.push(format!(
            "the {} largest discounts were weighed",
            offers.len()
        ));
    }
    let saved = Amount::from_atoms(saving.saturating_mul(MICRO / 100));
    Advice {
        rule: "commitment",
        change: format!("commit to {}", parts.join(" and ")),
        evidence,
        saving_per_month: Some(context.per_month(saved)),
        currency,
        confidence: by_history(hours / 24).min(Confidence::Medium),
        risk: "it is paid whether it is used or not; right-size and stop what is idle first"
            .to_owned(),
        undo: "most commitments cannot be given back before they end".to_owned(),
        apply: Apply::Hand {
            what: format!("buy them from {provider}; Tradewind signs no contracts"),
        },
        subject: provider,
    }
}
