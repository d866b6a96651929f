//! Why days cost more: by each key what changed most against days before, and for the largest
//! whether more was used or each unit cost more.

use super::{Anomaly, Watch};
use crate::amount::Amount;
use crate::focus::Column;
use crate::query::{Answer, Filter, Key, Metric, Question, Test};
use crate::series::midnight;
use crate::{Error, Ledger};
use domain::day::Day;
use serde::Serialize;

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Explanation {
    /// The largest changes, key by key, the most telling key first.
    pub causes: Vec<Cause>,
    /// Of the largest cause with a quantity: the part of the change due to more or less usage.
    pub by_usage: Option<Amount>,
    /// And the part due to another price for each unit.
    pub by_rate: Option<Amount>,
    /// One sentence.
    pub sentence: String,
}

/// One value of a key and its part of the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Cause {
    /// The key.
    pub key: Key,
    /// Its value; unset for lines that lack it.
    pub value: Option<String>,
    /// Cost in as many days before.
    pub before: Amount,
    /// Cost in the days of the anomaly.
    pub during: Amount,
}

impl Cause {
    fn change(&self) -> Amount {
        self.during - self.before
    }
}

/// Keys that are tried, besides the watched one.
const KEYS: [Key; 5] = [
    Key::Column(Column::SkuMeter),
    Key::Column(Column::ResourceId),
    Key::Column(Column::SubAccountId),
    Key::Column(Column::RegionId),
    Key::Column(Column::ChargeDescription),
];

pub(super) fn explain(
    ledger: &Ledger,
    watch: &Watch,
    anomaly: &Anomaly,
) -> Result<Explanation, Error> {
    let mut causes = Vec::new();
    for key in KEYS.iter().filter(|key| **key != watch.by) {
        if let Some(cause) = cause(ledger, watch, anomaly, key)? {
            causes.push(cause);
        }
    }
    causes.sort_by_key(|cause| std::cmp::Reverse(cause.change().abs()));
    let parts = match causes.first() {
        Some(first) => usage_and_rate(ledger, watch, anomaly, first)?,
        None => None,
    };
    Ok(Explanation {
        sentence: sentence(anomaly, causes.first(), parts),
        by_usage: parts.map(|(usage, _)| usage),
        by_rate: parts.map(|(_, rate)| rate),
        causes,
    })
}

fn cause(
    ledger: &Ledger,
    watch: &Watch,
    anomaly: &Anomaly,
    key: &Key,
) -> Result<Option<Cause>, Error> {
    let ask = |before| question(ledger, watch, anomaly, before, vec![key.clone()], &[]);
    let (before, during) = match (ask(true), ask(false)) {
        // A key with a value for every line tells nothing, and is no reason to fail.
        (Err(Error::TooManyGroups { .. }), _) | (_, Err(Error::TooManyGroups { .. })) => {
            return Ok(None);
        }
        (before, during) => (before?, during?),
    };
    let value = |answer: &Answer, name: &Option<String>| {
        let group = answer.groups.iter().find(|group| group.keys[0] == *name);
        group.map_or(Amount::ZERO, |group| group.values[0])
    };
    let names = before
        .groups
        .iter()
        .chain(&during.groups)
        .map(|group| &group.keys[0]);
    let causes = names.map(|name| Cause {
        key: key.clone(),
        value: name.clone(),
        before: value(&before, name),
        during: value(&during, name),
    });
    let largest = causes.max_by_key(|cause| cause.change().abs());
    Ok(largest.filter(|cause| cause.value.is_some() && cause.change() != Amount::ZERO))
}

/// Δcost = Δquantity × old price + new quantity × Δprice.
fn usage_and_rate(
    ledger: &Ledger,
    watch: &Watch,
    anomaly: &Anomaly,
    cause: &Cause,
) -> Result<Option<(Amount, Amount)>, Error> {
    let filter = Filter {
        key: cause.key.clone(),
        test: Test::Is(cause.value.iter().cloned().collect()),
    };
    let sums = |before| -> Result<(Amount, Amount), Error> {
        let answer = question(
            ledger,
            watch,
            anomaly,
            before,
            Vec::new(),
            std::slice::from_ref(&filter),
        )?;
        let total = answer.totals.first();
        Ok(total.map_or((Amount::ZERO, Amount::ZERO), |t| (t.values[0], t.values[1])))
    };
    let ((cost_before, used_before), (cost, used)) = (sums(true)?, sums(false)?);
    let Some(price_before) = cost_before
        .over(used_before)
        .filter(|_| used != Amount::ZERO)
    else {
        return Ok(None);
    };
    let by_usage = (used - used_before).times(price_before);
    Ok(Some((by_usage, cost - cost_before - by_usage)))
}

/// Costs and quantities of the anomaly's days, or of the same weekdays before them.
fn question(
    ledger: &Ledger,
    watch: &Watch,
    anomaly: &Anomaly,
    before: bool,
    by: Vec<Key>,
    more: &[Filter],
) -> Result<Answer, Error> {
    let days = anomaly.last.days_since(anomaly.first) + 1;
    let back = if before { (days + 6) / 7 * 7 } else { 0 };
    let at = |day: Day| midnight(Day::from_days(day.days() - back));
    let watched = Filter {
        key: watch.by.clone(),
        test: anomaly
            .key
            .clone()
            .map_or(Test::Missing, |key| Test::Is(vec![key])),
    };
    ledger.ask(&Question {
        by,
        metrics: vec![watch.metric, Metric::Quantity],
        filters: watch
            .filters
            .iter()
            .chain([&watched])
            .chain(more)
            .cloned()
            .collect(),
        from: Some(at(anomaly.first)),
        to: Some(at(Day::from_days(anomaly.last.days() + 1))),
        currency: Some(anomaly.currency.clone()),
        ..Question::default()
    })
}

fn sentence(anomaly: &Anomaly, cause: Option<&Cause>, parts: Option<(Amount, Amount)>) -> String {
    let change = anomaly.actual - anomaly.expected;
    let word = if change > Amount::ZERO {
        "more"
    } else {
        "less"
    };
    let name = anomaly.key.as_deref().unwrap_or("lines without the key");
    let code = &anomaly.currency;
    let mut text = format!(
        "{name} cost {} {code} {word} than usual",
        change.abs().for_people()
    );
    let Some(cause) = cause else { return text };
    let value = cause.value.as_deref().unwrap_or("–");
    text.push_str(&format!(
        "; {} `{value}` went from {} to {}",
        cause.key.name(),
        cause.before.for_people(),
        cause.during.for_people()
    ));
    if let Some((usage, rate)) = parts {
        let word = if usage.abs() >= rate.abs() {
            "usage"
        } else {
            "price of a unit"
        };
        text.push_str(&format!(", mostly by its {word}"));
    }
    text
}
