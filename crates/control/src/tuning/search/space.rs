//! Between values and points: every dimension is a number from 0 to 1; a categorical one is as many
//! numbers as it has values, of which the largest counts.

use super::random::Random;
use domain::tuning::{Dimension, Range, Scale};
use std::collections::BTreeMap;

/// The length of a point.
pub fn width(space: &[Dimension]) -> usize {
    let of = |dimension: &Dimension| match &dimension.range {
        Range::Categorical { values } => values.len(),
        _ => 1,
    };
    space.iter().map(of).sum()
}

/// A point by chance.
pub fn random_point(space: &[Dimension], random: &mut Random) -> Vec<f64> {
    let mut point = Vec::with_capacity(width(space));
    for dimension in space {
        match &dimension.range {
            Range::Categorical { values } => {
                let chosen = random.below(values.len().max(1));
                let hot = (0..values.len()).map(|n| if n == chosen { 1.0 } else { 0.0 });
                point.extend(hot);
            }
            _ => point.push(random.unit()),
        }
    }
    point
}

/// The values of a point.
pub fn values(space: &[Dimension], point: &[f64]) -> BTreeMap<String, String> {
    let mut rest = point;
    let mut values = BTreeMap::new();
    for dimension in space {
        let text = match &dimension.range {
            Range::Categorical { values } => {
                let (own, after) = rest.split_at(values.len().min(rest.len()));
                rest = after;
                let best = own
                    .iter()
                    .enumerate()
                    .max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
                let index = best.map_or(0, |(index, _)| index);
                values.get(index).cloned().unwrap_or_default()
            }
            Range::Integer { min, max, scale } => {
                let at = take(&mut rest);
                // Half a step beyond both ends, so that the ends are as likely as the others.
                let (low, high) = match scale {
                    Scale::Linear => (*min as f64 - 0.5, *max as f64 + 0.5),
                    _ => (*min as f64, *max as f64),
                };
                let number = from_unit(at, low, high, *scale).round() as i64;
                number.clamp(*min, *max).to_string()
            }
            Range::Continuous { min, max, scale } => {
                let at = take(&mut rest);
                let (min, max) = (min.get(), max.get());
                from_unit(at, min, max, *scale).clamp(min, max).to_string()
            }
        };
        values.insert(dimension.name.clone(), text);
    }
    values
}

/// The point of values; `None` when they are not of the space.
pub fn point(space: &[Dimension], values: &BTreeMap<String, String>) -> Option<Vec<f64>> {
    let mut point = Vec::with_capacity(width(space));
    for dimension in space {
        let text = values.get(&dimension.name)?;
        match &dimension.range {
            Range::Categorical { values } => {
                let chosen = values.iter().position(|value| value == text)?;
                let hot = (0..values.len()).map(|n| if n == chosen { 1.0 } else { 0.0 });
                point.extend(hot);
            }
            Range::Integer { min, max, scale } => {
                let number: f64 = text.parse().ok()?;
                let (low, high) = match scale {
                    Scale::Linear => (*min as f64 - 0.5, *max as f64 + 0.5),
                    _ => (*min as f64, *max as f64),
                };
                point.push(to_unit(number, low, high, *scale)?);
            }
            Range::Continuous { min, max, scale } => {
                let number: f64 = text.parse().ok()?;
                point.push(to_unit(number, min.get(), max.get(), *scale)?);
            }
        }
    }
    Some(point)
}

fn take(rest: &mut &[f64]) -> f64 {
    match rest.split_first() {
        Some((first, after)) => {
            *rest = after;
            first.clamp(0.0, 1.0)
        }
        None => 0.0,
    }
}

fn from_unit(at: f64, min: f64, max: f64, scale: Scale) -> f64 {
    match scale {
        Scale::Linear => min + at * (max - min),
        Scale::Logarithmic => (min.ln() + at * (max.ln() - min.ln())).exp(),
        Scale::ReverseLogarithmic => {
            let (low, high) = ((1.0 - min).ln(), (1.0 - max).ln());
            1.0 - (low + at * (high - low)).exp()
        }
    }
}

/// `None` for what is outside: an earlier search may have had another range.
fn to_unit(value: f64, min: f64, max: f64, scale: Scale) -> Option<f64> {
    let part = |value: f64, low: f64, high: f64| {
        if (high - low).abs() < f64::MIN_POSITIVE {
            0.5
        } else {
            (value - low) / (high - low)
        }
    };
    let at = match scale {
        Scale::Linear => part(value, min, max),
        Scale::Logarithmic => part(value.ln(), min.ln(), max.ln()),
        Scale::ReverseLogarithmic => part((1.0 - value).ln(), (1.0 - min).ln(), (1.0 - max).ln()),
    };
    (-1e-9..=1.0 + 1e-9)
        .contains(&at)
        .then(|| at.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::metric::Finite;

    fn one(range: Range) -> Vec<Dimension> {
        vec![Dimension {
            name: "v".into(),
            range,
        }]
    }

    fn finite(value: f64) -> Finite {
        Finite::new(value).unwrap()
    }

    #[test]
    fn values_and_points_are_the_same_thing() {
        let mut random = Random::new(3, 0);
        for range in [
            Range::Categorical {
                values: vec!["a".into(), "b".into(), "c".into()],
            },
            Range::Integer {
                min: -3,
                max: 12,
                scale: Scale::Linear,
            },
            Range::Integer {
                min: 1,
                max: 1_000_000,
                scale: Scale::Logarithmic,
            },
            Range::Continuous {
                min: finite(0.9),
                max: finite(0.9999),
                scale: Scale::ReverseLogarithmic,
            },
            Range::Continuous {
                min: finite(5.0),
                max: finite(5.0),
                scale: Scale::Linear,
            },
        ] {
            let space = one(range);
            for _ in 0..200 {
                let first = values(&space, &random_point(&space, &mut random));
                let back = point(&space, &first).unwrap();
                assert_eq!(values(&space, &back), first);
            }
        }
    }

    #[test]
    fn every_whole_number_is_as_likely() {
        let space = one(Range::Integer {
            min: 1,
            max: 4,
            scale: Scale::Linear,
        });
        let (mut random, mut counts) = (Random::new(9, 0), BTreeMap::new());
        for _ in 0..8_000 {
            let chosen = values(&space, &random_point(&space, &mut random));
            *counts.entry(chosen["v"].clone()).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 4);
        assert!(
            counts.values().all(|count| (1_800..2_200).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn what_is_outside_is_no_point() {
        let space = one(Range::Integer {
            min: 1,
            max: 4,
            scale: Scale::Linear,
        });
        for text in ["9", "x", ""] {
            let values = BTreeMap::from([("v".to_owned(), text.to_owned())]);
            assert_eq!(point(&space, &values), None, "{text}");
        }
    }
}
