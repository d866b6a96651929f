//! Preprocessing: scikit-learn's transformers, one a file.

mod categories;
mod columns;
mod elementwise;
mod impute;
mod one_hot;
mod ordinal;

use crate::form::{Arrays, StepHead};
use crate::{Batch, Declined, Error};

/// How deeply column parts may hold column parts.
const DEEPEST: usize = 4;
/// Most numbers that a step may make of a batch.
const MOST_CELLS: usize = 1 << 28;
/// Most columns that a step may leave.
const MOST_COLUMNS: usize = 1 << 20;

/// One step.
#[derive(Debug)]
pub(crate) enum Step {
    Elementwise(elementwise::Elementwise),
    Impute(impute::Impute),
    OneHot(one_hot::OneHot),
    Ordinal(ordinal::Ordinal),
    Columns(columns::Columns),
}

/// What a step is given: the request's own rows, or what the step before made of them.
pub(crate) enum Values<'a> {
    Raw(&'a Batch),
    /// Numbers, row after row, and how many a row has.
    Numbers(Vec<f64>, usize),
}

impl Step {
    /// A step over rows of `width` columns.
    pub(crate) fn read(
        head: StepHead,
        width: usize,
        arrays: &Arrays<'_>,
        depth: usize,
    ) -> Result<Self, Error> {
        if depth > DEEPEST {
            return Err(Error::wrong("steps", "they are nested too deeply"));
        }
        let step = match head {
            StepHead::Elementwise { operations } => {
                Self::Elementwise(elementwise::Elementwise::read(operations, width, arrays)?)
            }
            StepHead::Impute { keep, fill } => {
                Self::Impute(impute::Impute::read(keep, fill, width, arrays)?)
            }
            StepHead::OneHot { columns } => {
                Self::OneHot(one_hot::OneHot::read(columns, width, arrays)?)
            }
            StepHead::Ordinal { columns } => {
                Self::Ordinal(ordinal::Ordinal::read(columns, width, arrays)?)
            }
            StepHead::Columns { parts } => {
                Self::Columns(columns::Columns::read(parts, width, arrays, depth)?)
            }
        };
        if step.width() > MOST_COLUMNS {
            return Err(Error::wrong("steps", "they leave too many columns"));
        }
        Ok(step)
    }

    /// Columns that it leaves.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Elementwise(step) => step.width(),
            Self::Impute(step) => step.width(),
            Self::OneHot(step) => step.width(),
            Self::Ordinal(step) => step.width(),
            Self::Columns(step) => step.width(),
        }
    }

    /// The rows that it makes of rows.
    pub(crate) fn apply(&self, values: &Values<'_>) -> Result<Vec<f64>, Declined> {
        if values.rows().saturating_mul(self.width()) > MOST_CELLS {
            return Err(Declined::Large);
        }
        match self {
            Self::Elementwise(step) => step.apply(values),
            Self::Impute(step) => step.apply(values),
            Self::OneHot(step) => step.apply(values),
            Self::Ordinal(step) => step.apply(values),
            Self::Columns(step) => step.apply(values),
        }
    }
}

impl Values<'_> {
    fn width(&self) -> usize {
        match self {
            Self::Raw(batch) => batch.width(),
            Self::Numbers(_, width) => *width,
        }
    }

    fn rows(&self) -> usize {
        match self {
            Self::Raw(batch) => batch.rows(),
            Self::Numbers(numbers, width) => numbers.len().checked_div(*width).unwrap_or(0),
        }
    }

    /// The numbers, where every column holds numbers.
    fn numbers(&self) -> Result<&[f64], Declined> {
        match self {
            Self::Raw(batch) => {
                for column in 0..batch.width() {
                    batch.expect_numbers(column)?;
                }
                Ok(batch.numbers())
            }
            Self::Numbers(numbers, _) => Ok(numbers),
        }
    }
}

/// Declines an infinite value, at which scikit-learn's scalers and imputers raise.
fn expect_finite_or_missing(numbers: &[f64]) -> Result<(), Declined> {
    if numbers.iter().any(|number| number.is_infinite()) {
        return Err(Declined::Infinite);
    }
    Ok(())
}
