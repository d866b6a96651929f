//! The categories of one column, for the encoders.

use super::Values;
use crate::form::{Arrays, Category, Encoder, Unknown};
use crate::{Declined, Error, Kinds};
use std::collections::HashMap;

/// The categories of one column and what becomes of other values.
#[derive(Debug)]
pub(super) struct Categories {
    known: Known,
    pub(super) drop: Option<usize>,
    pub(super) unknown: Unknown,
    pub(super) missing: Option<f64>,
}

#[derive(Debug)]
enum Known {
    Texts(HashMap<String, usize>),
    /// Ascending, NaN last.
    Numbers(Vec<f64>),
}

impl Categories {
    pub(super) fn read(head: Encoder, arrays: &Arrays<'_>) -> Result<Self, Error> {
        let known = match head.categories {
            Category::Texts(texts) => {
                let count = texts.len();
                let places = texts.into_iter().enumerate().map(|(at, text)| (text, at));
                let places: HashMap<String, usize> = places.collect();
                if places.len() != count {
                    return Err(Error::wrong("steps", "a category is there twice"));
                }
                Known::Texts(places)
            }
            Category::Numbers(array) => {
                let numbers = arrays.f64(array)?;
                let sorted = numbers
                    .windows(2)
                    .all(|pair| pair[0] < pair[1] || pair[1].is_nan());
                if !sorted {
                    return Err(Error::wrong("steps", "categories are not in order"));
                }
                Known::Numbers(numbers)
            }
        };
        Ok(Self {
            known,
            drop: head.drop,
            unknown: head.unknown,
            missing: head.missing.map(crate::form::Number::get),
        })
    }

    pub(super) fn len(&self) -> usize {
        match &self.known {
            Known::Texts(texts) => texts.len(),
            Known::Numbers(numbers) => numbers.len(),
        }
    }

    /// Declines unless the whole column is of the categories' kind.
    pub(super) fn expect(&self, values: &Values<'_>, column: usize) -> Result<(), Declined> {
        let Values::Raw(batch) = values else {
            return match self.known {
                Known::Numbers(_) => Ok(()),
                Known::Texts(_) => Err(Declined::Kind),
            };
        };
        match &self.known {
            Known::Numbers(_) => batch.expect_numbers(column),
            Known::Texts(_) if batch.kinds(column).only(Kinds::TEXT) => Ok(()),
            Known::Texts(_) => Err(Declined::Kind),
        }
    }

    /// The place of a cell's category; none when training did not see it.
    pub(super) fn find(&self, values: &Values<'_>, cell: usize) -> Option<usize> {
        match (&self.known, values) {
            (Known::Texts(texts), Values::Raw(batch)) => texts.get(batch.text(cell)?).copied(),
            (Known::Texts(_), Values::Numbers(..)) => None,
            (Known::Numbers(numbers), _) => {
                let value = value(values, cell)?;
                if value.is_nan() {
                    return numbers
                        .last()
                        .filter(|last| last.is_nan())
                        .map(|_| numbers.len() - 1);
                }
                let place = numbers.partition_point(|number| *number < value);
                numbers
                    .get(place)
                    .filter(|found| **found <= value)
                    .map(|_| place)
            }
        }
    }

    /// Whether a cell holds nothing.
    pub(super) fn is_missing(&self, values: &Values<'_>, cell: usize) -> bool {
        matches!(self.known, Known::Numbers(_)) && value(values, cell).is_some_and(f64::is_nan)
    }
}

fn value(values: &Values<'_>, cell: usize) -> Option<f64> {
    match values {
        Values::Raw(batch) => batch.numbers().get(cell).copied(),
        Values::Numbers(numbers, _) => numbers.get(cell).copied(),
    }
}
