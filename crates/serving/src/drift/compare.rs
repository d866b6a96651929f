//! Two samples of each feature.

use super::columns::{Column, Columns};
use super::statistics::{chance, counts, edges, kolmogorov_smirnov, psi, psi_of_chance};
use serde::Serialize;
use std::collections::BTreeMap;

/// Values of a feature of texts that are told apart; the rest are one.
const MOST_VALUES: usize = 50;
/// The usual bounds of the population stability index (Siddiqi 2006).
const MODERATE: f64 = 0.1;
const STRONG: f64 = 0.25;

/// One feature beside its baseline.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct FeatureDrift {
    /// Its name.
    pub name: String,
    /// How far it changed.
    pub change: Change,
    /// The population stability index.
    pub psi: f64,
    /// What the index stays under in 95 of 100 cases when nothing changed.
    pub psi_of_chance: f64,
    /// The Kolmogorov–Smirnov statistic, of numbers.
    pub ks: Option<f64>,
    /// The probability of such a statistic when nothing changed, of numbers.
    pub ks_chance: Option<f64>,
    /// The mean before, of numbers.
    pub mean_before: Option<f64>,
    /// The mean now, of numbers.
    pub mean: Option<f64>,
    /// The share of missing values before.
    pub missing_before: f64,
    /// The share of missing values now.
    pub missing: f64,
}

/// How far a feature changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// No more than chance, or little.
    Stable,
    /// An index of at least 0.1, and more than chance.
    Moderate,
    /// An index of at least 0.25, and more than chance.
    Strong,
}

/// The features that both have, strongest change first.
pub(super) fn features(before: &Columns, now: &Columns) -> Vec<FeatureDrift> {
    let mut features: Vec<FeatureDrift> = now
        .all
        .iter()
        .filter_map(|column| {
            let baseline = before.all.iter().find(|one| one.name == column.name)?;
            (baseline.len() > 0 && column.len() > 0).then(|| feature(baseline, column))
        })
        .collect();
    features.sort_by(|one, other| {
        let order = other.change.cmp(&one.change);
        order.then(other.psi.total_cmp(&one.psi))
    });
    features
}

fn feature(before: &Column, now: &Column) -> FeatureDrift {
    let of_numbers = before.texts.is_empty() && now.texts.is_empty();
    let (sorted_before, sorted_now) = (sorted(&before.numbers), sorted(&now.numbers));
    let (mut bins_before, mut bins_now) = if of_numbers {
        let edges = edges(&sorted_before);
        (counts(&edges, &sorted_before), counts(&edges, &sorted_now))
    } else {
        values(before, now)
    };
    if before.missing + now.missing > 0 {
        bins_before.push(before.missing);
        bins_now.push(now.missing);
    }
    let index = psi(&bins_before, &bins_now);
    let by_chance = psi_of_chance(bins_before.len(), before.len(), now.len());
    let both = of_numbers && !sorted_before.is_empty() && !sorted_now.is_empty();
    let ks = both.then(|| kolmogorov_smirnov(&sorted_before, &sorted_now));
    FeatureDrift {
        name: now.name.clone(),
        change: match index {
            index if index < MODERATE || index <= by_chance => Change::Stable,
            index if index < STRONG => Change::Moderate,
            _ => Change::Strong,
        },
        psi: index,
        psi_of_chance: by_chance,
        ks,
        ks_chance: ks.map(|ks| chance(ks, sorted_before.len(), sorted_now.len())),
        mean_before: both.then(|| mean(&sorted_before)),
        mean: both.then(|| mean(&sorted_now)),
        missing_before: before.missing as f64 / before.len() as f64,
        missing: now.missing as f64 / now.len() as f64,
    }
}

fn sorted(numbers: &[f64]) -> Vec<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// Counts of the baseline's most frequent values, and of all others together.
fn values(before: &Column, now: &Column) -> (Vec<usize>, Vec<usize>) {
    let count = |column: &Column| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let numbers = column.numbers.iter().map(f64::to_string);
        for value in column.texts.iter().cloned().chain(numbers) {
            *counts.entry(value).or_default() += 1;
        }
        counts
    };
    let (counted, mut of_now) = (count(before), count(now));
    let mut frequent: Vec<(String, usize)> = counted.into_iter().collect();
    frequent.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
    let rest = frequent.split_off(frequent.len().min(MOST_VALUES));
    let mut bins_before: Vec<usize> = frequent.iter().map(|(_, count)| *count).collect();
    let mut bins_now: Vec<usize> = frequent
        .iter()
        .map(|(value, _)| of_now.remove(value).unwrap_or(0))
        .collect();
    bins_before.push(rest.iter().map(|(_, count)| count).sum());
    bins_now.push(of_now.values().sum());
    (bins_before, bins_now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: impl Iterator<Item = f64>) -> Column {
        Column {
            name: "x".to_owned(),
            numbers: values.collect(),
            ..Column::default()
        }
    }

    fn texts(values: &[&str]) -> Column {
        Column {
            name: "x".to_owned(),
            texts: values.iter().map(|text| (*text).to_owned()).collect(),
            ..Column::default()
        }
    }

    #[test]
    fn numbers_that_shift_are_strong_and_those_that_do_not_are_stable() {
        let spread = |n: u32| (0..n).map(move |i| f64::from(i) / f64::from(n));
        let same = feature(&numbers(spread(500)), &numbers(spread(333)));
        assert_eq!(same.change, Change::Stable);
        assert!(same.ks.unwrap() < 0.01 && same.ks_chance.unwrap() > 0.99);
        let shifted = feature(
            &numbers(spread(500)),
            &numbers(spread(333).map(|x| x + 0.5)),
        );
        assert_eq!(shifted.change, Change::Strong);
        assert!((shifted.ks.unwrap() - 0.5).abs() < 0.01 && shifted.ks_chance.unwrap() < 1e-9);
        assert!((shifted.mean.unwrap() - shifted.mean_before.unwrap() - 0.5).abs() < 0.01);
        let few = feature(&numbers(spread(10)), &numbers(spread(10).map(|x| x * x)));
        assert_eq!(few.change, Change::Stable, "ten rows are chance: {few:?}");
    }

    #[test]
    fn missing_values_and_new_texts_count() {
        let spread = || (0..300).map(f64::from);
        let mut holes = numbers(spread());
        holes.missing = 100;
        let missing = feature(&numbers(spread()), &holes);
        assert_eq!((missing.change, missing.missing), (Change::Strong, 0.25));
        let before = texts(&["a", "b"].repeat(100));
        assert_eq!(feature(&before, &before).change, Change::Stable);
        let new = feature(&before, &texts(&["a", "c"].repeat(100)));
        assert_eq!((new.change, new.ks), (Change::Strong, None));
    }
}
