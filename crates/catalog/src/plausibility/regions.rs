//! Rule `regions`: an on-demand price agrees with the same type's price elsewhere.
//!
//! The expected price of a type in a region is its median over all regions, each divided by the
//! price level of its region (the median over all types of price to the type's median), times the
//! level of this region. A price below 0.4 or above 2.5 times that is set aside, unless two other
//! regions have the very same price: sellers have steps, slips are alone. Beyond 0.2 and 5 times
//! nothing excuses it.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Money;
use domain::offer::{Machine, Purchase};

use super::{Case, Verdict, median};

/// Fewer regions than this say nothing about a type.
const ENOUGH_REGIONS: usize = 4;
/// Fewer types than this say nothing about the level of a region.
const ENOUGH_TYPES: usize = 12;
const SUSPICIOUS: std::ops::Range<f64> = 0.4..2.5;
const ABSURD: std::ops::Range<f64> = 0.2..5.0;

type Places<'a> = BTreeMap<&'a str, f64>;

/// Judges every on-demand price of types that are sold in several regions.
pub(super) fn judge(cases: &[Case]) -> Vec<Verdict> {
    let mut types: BTreeMap<&Machine, Places<'_>> = BTreeMap::new();
    for case in cases {
        let Some(price) = case.prices[Purchase::OnDemand.index()] else {
            continue;
        };
        let price = price.micros as f64;
        let places = types.entry(&case.row.machine).or_default();
        places
            .entry(&case.row.region)
            .and_modify(|it| *it = it.min(price))
            .or_insert(price);
    }
    types.retain(|_, places| places.len() >= ENOUGH_REGIONS);
    let levels = levels(&types);
    let level = |machine: &Machine, region: &str| -> f64 {
        levels
            .get(&(machine.provider.clone(), region.to_owned()))
            .copied()
            .unwrap_or(1.0)
    };
    let mut usual: BTreeMap<&Machine, f64> = BTreeMap::new();
    for (machine, places) in &types {
        let mut values: Vec<f64> = places
            .iter()
            .map(|(region, price)| price / level(machine, region))
            .collect();
        if let Some(value) = median(&mut values) {
            usual.insert(machine, value);
        }
    }
    let mut verdicts = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let Some(price) = case.prices[Purchase::OnDemand.index()] else {
            continue;
        };
        let Some(&usual) = usual.get(&case.row.machine) else {
            continue;
        };
        let expected = usual * level(&case.row.machine, &case.row.region);
        let ratio = price.micros as f64 / expected;
        if SUSPICIOUS.contains(&ratio) {
            continue;
        }
        let places = &types[&case.row.machine];
        if ABSURD.contains(&ratio) && twins(places, &case.row.region, price) >= 2 {
            continue;
        }
        verdicts.push(Verdict {
            case: index,
            purchase: Purchase::OnDemand,
            rule: "regions",
            reason: format!(
                "it is {ratio:.2} times the {} that the type's {} other regions suggest",
                Money::micros(expected.round() as i64),
                places.len() - 1,
            ),
        });
    }
    verdicts
}

/// Price level of each provider's regions, where enough types are sold to tell.
fn levels(types: &BTreeMap<&Machine, Places<'_>>) -> BTreeMap<(Arc<str>, String), f64> {
    let mut ratios: BTreeMap<(Arc<str>, String), Vec<f64>> = BTreeMap::new();
    for (machine, places) in types {
        let mut values: Vec<f64> = places.values().copied().collect();
        let Some(middle) = median(&mut values) else {
            continue;
        };
        for (region, price) in places {
            let key = (machine.provider.clone(), (*region).to_owned());
            ratios.entry(key).or_default().push(price / middle);
        }
    }
    ratios.retain(|_, ratios| ratios.len() >= ENOUGH_TYPES);
    let level = |ratios: &mut Vec<f64>| median(ratios).unwrap_or(1.0).clamp(0.5, 2.0);
    ratios
        .into_iter()
        .map(|(key, mut ratios)| (key, level(&mut ratios)))
        .collect()
}

/// Other regions with the same price to half a per cent.
fn twins(places: &Places<'_>, region: &str, price: Money) -> usize {
    let price = price.micros as f64;
    let same = |other: f64| (other / price - 1.0).abs() <= 0.005;
    places
        .iter()
        .filter(|(other, value)| **other != region && same(**value))
        .count()
}
