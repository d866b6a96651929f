//! Figures of periods: what statistics are made of.

use super::fault::{combination, value};
use super::series::{Sample, Values};
use crate::fault::Fault;
use domain::Timestamp;
use std::collections::BTreeMap;

/// What is asked of the values of a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// Between 0 and 100.
    Percentile(f64),
}

impl Statistic {
    /// The statistic of a word: `Average`, `p99.9`.
    pub(super) fn read(word: &str) -> Result<Self, Fault> {
        match word {
            "SampleCount" => Ok(Self::SampleCount),
            "Average" => Ok(Self::Average),
            "Sum" => Ok(Self::Sum),
            "Minimum" => Ok(Self::Minimum),
            "Maximum" => Ok(Self::Maximum),
            _ => {
                let percent = word
                    .strip_prefix('p')
                    .and_then(|text| text.parse::<f64>().ok());
                let percent = percent.filter(|percent| (0.0..=100.0).contains(percent));
                percent.map(Self::Percentile).ok_or_else(|| {
                    value(format!(
                        "The value {} for parameter Stat is not served: these are SampleCount, \
                         Average, Sum, Minimum, Maximum and percentiles as p99",
                        word.chars().take(40).collect::<String>()
                    ))
                })
            }
        }
    }
}

/// The values of a period.
#[derive(Debug, Clone, Default)]
pub(super) struct Period {
    count: f64,
    sum: f64,
    min: f64,
    max: f64,
    each: Vec<(f64, f64)>,
    /// Some values are known by their figures only.
    partial: bool,
}

impl Period {
    fn add(&mut self, values: &Values) {
        let (count, sum, min, max) = match values {
            Values::Figures {
                count,
                sum,
                min,
                max,
            } => {
                // All of one value: nothing is lost.
                if (max - min).abs() < f64::EPSILON {
                    self.each.push((*min, *count));
                } else {
                    self.partial = true;
                }
                (*count, *sum, *min, *max)
            }
            Values::Each(each) => {
                self.each.extend(each);
                let minimum = |least: f64, (value, _): &(f64, f64)| least.min(*value);
                let maximum = |most: f64, (value, _): &(f64, f64)| most.max(*value);
                (
                    each.iter().map(|(_, count)| count).sum(),
                    each.iter().map(|(value, count)| value * count).sum(),
                    each.iter().fold(f64::INFINITY, minimum),
                    each.iter().fold(f64::NEG_INFINITY, maximum),
                )
            }
        };
        if self.count == 0.0 {
            (self.min, self.max) = (min, max);
        }
        self.count += count;
        self.sum += sum;
        self.min = self.min.min(min);
        self.max = self.max.max(max);
    }

    /// The statistic; a percentile is none when only figures are known.
    pub(super) fn statistic(&self, statistic: Statistic) -> Option<f64> {
        Some(match statistic {
            Statistic::SampleCount => self.count,
            Statistic::Sum => self.sum,
            Statistic::Average if self.count > 0.0 => self.sum / self.count,
            Statistic::Average => return None,
            Statistic::Minimum => self.min,
            Statistic::Maximum => self.max,
            Statistic::Percentile(percent) => return self.percentile(percent),
        })
    }

    fn percentile(&self, percent: f64) -> Option<f64> {
        if self.partial {
            return None;
        }
        let mut each = self.each.clone();
        each.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = each.iter().map(|(_, count)| count).sum();
        let rank = percent / 100.0 * total;
        let mut seen = 0.0;
        for (value, count) in &each {
            seen += count;
            if seen >= rank {
                return Some(*value);
            }
        }
        each.last().map(|(value, _)| *value)
    }
}

/// Checks a span of time and the length of its periods, in seconds.
pub(super) fn check(from: Timestamp, to: Timestamp, period: i64, most: i64) -> Result<(), Fault> {
    if from >= to {
        return Err(value(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let good = matches!(period, 1 | 5 | 10 | 30) || (period > 0 && period % 60 == 0);
    if !good || period > 86_400 * 366 {
        return Err(value(
            "The parameter Period must be 1, 5, 10, 30 or a multiple of 60.",
        ));
    }
    let points = (to.0 - from.0) / 1_000 / period;
    if points > most {
        return Err(combination(format!(
            "You have requested up to {points} datapoints, which exceeds the limit of {most}. You \
             may reduce the datapoints requested by increasing Period, or decreasing the time \
             range."
        )));
    }
    Ok(())
}

/// The samples by the periods in which they are, in order of time.
pub(super) fn periods(
    samples: &[Sample],
    seconds: i64,
    unit: Option<&str>,
) -> BTreeMap<Timestamp, Period> {
    let length = seconds * 1_000;
    let mut periods: BTreeMap<Timestamp, Period> = BTreeMap::new();
    for sample in samples {
        let own = sample.unit.as_deref().unwrap_or("None");
        if unit.is_none_or(|unit| unit == own) {
            let at = Timestamp(sample.at.0 - sample.at.0.rem_euclid(length));
            periods.entry(at).or_default().add(&sample.values);
        }
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_their_figures() {
        let sample = |seconds: i64, values: Values| Sample {
            at: Timestamp(seconds * 1_000),
            unit: None,
            values,
        };
        let samples = [
            sample(61, Values::Each(vec![(1.0, 2.0), (4.0, 1.0)])),
            sample(119, Values::Each(vec![(10.0, 1.0)])),
            sample(
                120,
                Values::Figures {
                    count: 2.0,
                    sum: 4.0,
                    min: 1.0,
                    max: 3.0,
                },
            ),
        ];
        let periods = periods(&samples, 60, None);
        let first = &periods[&Timestamp(60_000)];
        let read = |word: &str| first.statistic(Statistic::read(word).unwrap()).unwrap();
        let exact = |word: &str, value: f64| assert!((read(word) - value).abs() < 1e-12, "{word}");
        exact("SampleCount", 4.0);
        exact("Sum", 16.0);
        exact("Average", 4.0);
        assert_eq!((read("Minimum"), read("Maximum")), (1.0, 10.0));
        assert_eq!((read("p50"), read("p75"), read("p100")), (1.0, 4.0, 10.0));
        let second = &periods[&Timestamp(120_000)];
        assert_eq!(second.statistic(Statistic::Percentile(50.0)), None);
        assert_eq!(second.statistic(Statistic::Maximum), Some(3.0));
    }

    #[test]
    fn spans_are_bounded() {
        let (from, to) = (Timestamp(0), Timestamp(86_400_000));
        assert!(check(from, to, 60, 1_440).is_ok());
        assert!(check(from, to, 30, 1_440).is_err());
        assert!(check(to, from, 60, 1_440).is_err());
        for period in [0, -60, 61, i64::MAX] {
            assert!(check(from, to, period, 1_440).is_err(), "{period}");
        }
        for word in ["p101", "pNaN", "tm99", ""] {
            assert!(Statistic::read(word).is_err(), "{word}");
        }
    }
}
