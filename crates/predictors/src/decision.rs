//! From a model's outputs to its answer.

use crate::Error;
use crate::form::{Arrays, DecisionHead, LabelsHead, Precision};

/// The labels of a classifier's classes, with numpy's name of their type.
#[derive(Debug, Clone, PartialEq)]
pub enum Labels {
    /// Whole numbers.
    Ints(Vec<i64>, String),
    /// Other numbers.
    Floats(Vec<f64>, String),
    /// Texts.
    Texts(Vec<String>, String),
    /// False and true.
    Bools(Vec<bool>),
}

/// What a model predicts, one for each row.
#[derive(Debug, Clone, PartialEq)]
pub enum Prediction<'a> {
    /// Whole numbers and numpy's name of their type.
    Ints(Vec<i64>, &'a str),
    /// Numbers and numpy's name of their type.
    Floats(Vec<f64>, &'a str),
    /// Texts and numpy's name of their type.
    Texts(Vec<&'a str>, &'a str),
    /// False and true.
    Bools(Vec<bool>),
}

/// How the answer follows from the outputs.
#[derive(Debug)]
pub(crate) enum Decision {
    Value(Precision),
    Threshold {
        above: f64,
        inclusive: bool,
        labels: Labels,
    },
    Largest {
        labels: Labels,
        softmax: Option<Precision>,
    },
}

impl Labels {
    fn read(head: LabelsHead, arrays: &Arrays<'_>) -> Result<Self, Error> {
        Ok(match head {
            LabelsHead::Bools(values) => Self::Bools(values),
            LabelsHead::Texts { values, r#type } => Self::Texts(values, r#type),
            LabelsHead::Ints { array, r#type } => Self::Ints(arrays.i64(array)?, r#type),
            LabelsHead::Floats { array, r#type } => Self::Floats(arrays.f64(array)?, r#type),
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Ints(labels, _) => labels.len(),
            Self::Floats(labels, _) => labels.len(),
            Self::Texts(labels, _) => labels.len(),
            Self::Bools(labels) => labels.len(),
        }
    }

    fn take(&self, places: impl Iterator<Item = usize>) -> Prediction<'_> {
        match self {
            Self::Ints(labels, kind) => {
                Prediction::Ints(places.map(|at| labels[at]).collect(), kind)
            }
            Self::Floats(labels, kind) => {
                Prediction::Floats(places.map(|at| labels[at]).collect(), kind)
            }
            Self::Bools(labels) => Prediction::Bools(places.map(|at| labels[at]).collect()),
            Self::Texts(labels, kind) => {
                Prediction::Texts(places.map(|at| labels[at].as_str()).collect(), kind)
            }
        }
    }
}

impl Decision {
    /// Over a model that has so many outputs.
    pub(crate) fn read(
        head: DecisionHead,
        arrays: &Arrays<'_>,
        outputs: usize,
    ) -> Result<Self, Error> {
        let (decision, wanted) = match head {
            DecisionHead::Value { precision } => (Self::Value(precision), 1),
            DecisionHead::Threshold {
                above,
                inclusive,
                labels,
            } => {
                let labels = Labels::read(labels, arrays)?;
                if labels.len() != 2 {
                    return Err(Error::wrong("decision", "a threshold needs two labels"));
                }
                let decision = Self::Threshold {
                    above,
                    inclusive,
                    labels,
                };
                (decision, 1)
            }
            DecisionHead::Largest { labels, softmax } => {
                let labels = Labels::read(labels, arrays)?;
                let wanted = labels.len();
                (Self::Largest { labels, softmax }, wanted)
            }
        };
        if outputs != wanted || outputs == 0 {
            let why = format!("it needs {wanted} outputs, the model has {outputs}");
            return Err(Error::wrong("decision", why));
        }
        Ok(decision)
    }

    /// The labels, of a classifier.
    pub(crate) fn labels(&self) -> Option<&Labels> {
        match self {
            Self::Value(_) => None,
            Self::Threshold { labels, .. } | Self::Largest { labels, .. } => Some(labels),
        }
    }

    /// The answers for rows of `width` outputs each.
    pub(crate) fn decide(&self, outputs: Vec<f64>, width: usize) -> Prediction<'_> {
        match self {
            Self::Value(Precision::Double) => Prediction::Floats(outputs, "float64"),
            Self::Value(Precision::Single) => Prediction::Floats(outputs, "float32"),
            Self::Threshold {
                above,
                inclusive,
                labels,
            } => {
                let second = |x: &f64| usize::from(*x > *above || *inclusive && *x >= *above);
                labels.take(outputs.iter().map(second))
            }
            Self::Largest { labels, softmax } => {
                let rows = outputs.chunks_exact(width);
                labels.take(rows.map(|row| match softmax {
                    None => largest(row.iter().copied()),
                    Some(Precision::Double) => largest(soft(row).into_iter()),
                    Some(Precision::Single) => largest(soft_single(row).into_iter()),
                }))
            }
        }
    }
}

/// The place of the first largest, as numpy's argmax finds it: the first NaN counts as largest.
fn largest(values: impl Iterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (at, value) in values.enumerate() {
        if value.is_nan() {
            return at;
        }
        if value > best.1 || at == 0 {
            best = (at, value);
        }
    }
    best.0
}

fn soft(row: &[f64]) -> Vec<f64> {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = row.iter().map(|x| (x - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

fn soft_single(row: &[f64]) -> Vec<f64> {
    let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max) as f32;
    let powers: Vec<f32> = row.iter().map(|x| (*x as f32 - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers
        .into_iter()
        .map(|power| f64::from(power / sum))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_wins_and_nan_counts_as_largest() {
        assert_eq!(largest([1.0, 3.0, 3.0].into_iter()), 1);
        assert_eq!(largest([f64::NEG_INFINITY; 2].into_iter()), 0);
        assert_eq!(largest([1.0, f64::NAN, 9.0].into_iter()), 1);
    }
}
