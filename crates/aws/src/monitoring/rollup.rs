//! How long values are kept and how fine: as CloudWatch keeps them
//! (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html>),
//! by the second for three hours, by the minute for 15 days, by five minutes for 63 and by the hour for
//! 455.

use super::series::{Sample, Values};
use domain::day::Day;
use domain::{Span, Timestamp};
use std::collections::BTreeMap;

/// So long values are kept as they came.
pub(super) const AS_IT_CAME: Span = Span::hours(3);
/// Up to so many days after their own, days are kept in periods of so many seconds.
const KEPT: [(i32, i64); 3] = [(15, 60), (63, 300), (455, 3_600)];
/// Different values that a period keeps, for its percentiles; as many as one may put at once.
const MOST_VALUES: usize = 150;

/// The length of the periods, in seconds, in which a day is kept; none when it is over.
pub(super) fn resolution(day: Day, today: Day) -> Option<i64> {
    let age = today.days_since(day);
    let kept = KEPT.into_iter().find(|(days, _)| age <= *days);
    kept.map(|(_, seconds)| seconds)
}

/// The samples by periods of so many seconds, each with its first moment: count, sum, minimum and
/// maximum of a period stay what they were.
pub(super) fn rolled(samples: Vec<Sample>, seconds: i64) -> Vec<Sample> {
    let length = seconds * 1_000;
    let mut periods: BTreeMap<(Timestamp, Option<String>), Vec<Values>> = BTreeMap::new();
    for sample in samples {
        let at = Timestamp(sample.at.0 - sample.at.0.rem_euclid(length));
        let period = periods.entry((at, sample.unit)).or_default();
        period.push(sample.values);
    }
    let one = |((at, unit), values): ((Timestamp, Option<String>), Vec<Values>)| Sample {
        at,
        unit,
        values: together(values),
    };
    periods.into_iter().map(one).collect()
}

/// Single values as long as all are known; else their figures.
fn together(mut all: Vec<Values>) -> Values {
    if all.len() == 1 {
        return all.remove(0);
    }
    if all.iter().all(|values| matches!(values, Values::Each(_))) {
        let each = all.into_iter().flat_map(|values| match values {
            Values::Each(each) => each,
            Values::Figures { .. } => Vec::new(),
        });
        return Values::Each(thinned(each.collect()));
    }
    let mut figures: Option<[f64; 4]> = None;
    for values in all {
        let new = figures_of(values);
        figures = Some(figures.map_or(new, |old| {
            let (count, sum) = (old[0] + new[0], old[1] + new[1]);
            [count, sum, old[2].min(new[2]), old[3].max(new[3])]
        }));
    }
    let [count, sum, min, max] = figures.unwrap_or_default();
    Values::Figures {
        count,
        sum,
        min,
        max,
    }
}

fn figures_of(values: Values) -> [f64; 4] {
    match values {
        Values::Figures {
            count,
            sum,
            min,
            max,
        } => [count, sum, min, max],
        Values::Each(each) => {
            let count = each.iter().map(|(_, count)| count).sum();
            let sum = each.iter().map(|(value, count)| value * count).sum();
            let least = each
                .iter()
                .fold(f64::INFINITY, |least, (value, _)| least.min(*value));
            let most = each
                .iter()
                .fold(f64::NEG_INFINITY, |most, (value, _)| most.max(*value));
            [count, sum, least, most]
        }
    }
}

/// Equal values as one; of too many different ones the inner neighbours are one at their mean, so
/// that count, sum, minimum and maximum stay and a percentile moves to a neighbour at most.
fn thinned(mut each: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    each.sort_by(|a, b| a.0.total_cmp(&b.0));
    each.dedup_by(|next, kept| {
        let same = next.0.total_cmp(&kept.0).is_eq();
        if same {
            kept.1 += next.1;
        }
        same
    });
    if each.len() <= MOST_VALUES {
        return each;
    }
    let (last, inner) = (each.len() - 1, MOST_VALUES - 2);
    let width = (last - 1).div_ceil(inner);
    let mut thin = vec![each[0]];
    for part in each[1..last].chunks(width) {
        let count: f64 = part.iter().map(|(_, count)| count).sum();
        let sum: f64 = part.iter().map(|(value, count)| value * count).sum();
        thin.push((sum / count, count));
    }
    thin.push(each[last]);
    thin
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(seconds: i64, value: f64) -> Sample {
        Sample {
            at: Timestamp(seconds * 1_000),
            unit: Some("Percent".to_owned()),
            values: Values::Each(vec![(value, 1.0)]),
        }
    }

    #[test]
    fn days_are_kept_as_long_and_as_fine_as_cloudwatch_keeps_them() {
        let today = Day::from_days(20_000);
        let of = |age: i32| resolution(Day::from_days(20_000 - age), today);
        assert_eq!((of(0), of(15)), (Some(60), Some(60)));
        assert_eq!((of(16), of(63)), (Some(300), Some(300)));
        assert_eq!((of(64), of(455)), (Some(3_600), Some(3_600)));
        assert_eq!(of(456), None);
    }

    #[test]
    fn a_period_keeps_its_percentiles_until_only_figures_are_known() {
        let samples = vec![sample(60, 1.0), sample(90, 3.0), sample(119, 1.0)];
        let minute = rolled(samples, 60);
        assert_eq!(minute.len(), 1);
        assert_eq!(minute[0].at, Timestamp(60_000));
        assert_eq!(minute[0].values, Values::Each(vec![(1.0, 2.0), (3.0, 1.0)]));
        let mut other = sample(100, 0.0);
        other.values = Values::Figures {
            count: 2.0,
            sum: 5.0,
            min: 0.5,
            max: 4.5,
        };
        let both = rolled(vec![minute[0].clone(), other], 300);
        let figures = Values::Figures {
            count: 5.0,
            sum: 10.0,
            min: 0.5,
            max: 4.5,
        };
        assert_eq!((both[0].at, &both[0].values), (Timestamp(0), &figures));
    }

    proptest! {
        #[test]
        fn figures_stay_what_they_were(values in prop::collection::vec((0_i64..7_200, -1e6_f64..1e6), 1..900)) {
            let samples: Vec<Sample> = values.iter().map(|(at, value)| sample(*at, *value)).collect();
            let before = figures_of(Values::Each(values.iter().map(|(_, v)| (*v, 1.0)).collect()));
            let mut kept = samples;
            for (_, seconds) in KEPT {
                kept = rolled(kept, seconds);
            }
            prop_assert!(kept.len() <= 2);
            let mut after = [0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY];
            for sample in kept {
                if let Values::Each(each) = &sample.values {
                    prop_assert!(each.len() <= MOST_VALUES);
                }
                let own = figures_of(sample.values);
                after = [after[0] + own[0], after[1] + own[1], after[2].min(own[2]), after[3].max(own[3])];
            }
            prop_assert!((before[0] - after[0]).abs() < 1e-6);
            prop_assert!((before[1] - after[1]).abs() < 1e-3);
            prop_assert!(before[2].total_cmp(&after[2]).is_eq() && before[3].total_cmp(&after[3]).is_eq());
        }
    }
}
