//! ColumnTransformer: parts of the columns through steps of their own, put side by side.

use super::{MOST_COLUMNS, Step, Values};
use crate::form::{Arrays, ColumnPart};
use crate::{Batch, Declined, Error, Kinds};

/// The parts, in the order of their columns in the outcome.
#[derive(Debug)]
pub(crate) struct Columns {
    parts: Vec<Part>,
    width: usize,
}

#[derive(Debug)]
struct Part {
    take: Vec<usize>,
    steps: Vec<Step>,
    width: usize,
}

impl Columns {
    pub(super) fn read(
        heads: Vec<ColumnPart>,
        width: usize,
        arrays: &Arrays<'_>,
        depth: usize,
    ) -> Result<Self, Error> {
        let mut parts = Vec::with_capacity(heads.len());
        let mut whole = 0;
        for head in heads {
            if head.take.is_empty() || head.take.iter().any(|column| *column >= width) {
                return Err(Error::wrong(
                    "steps",
                    "a part takes no columns or one that is not there",
                ));
            }
            let mut width = head.take.len();
            let mut steps = Vec::with_capacity(head.steps.len());
            for step in head.steps {
                let step = Step::read(step, width, arrays, depth + 1)?;
                width = step.width();
                steps.push(step);
            }
            whole += width;
            if whole > MOST_COLUMNS {
                return Err(Error::wrong("steps", "they leave too many columns"));
            }
            parts.push(Part {
                take: head.take,
                steps,
                width,
            });
        }
        Ok(Self {
            parts,
            width: whole,
        })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn apply(&self, values: &Values<'_>) -> Result<Vec<f64>, Declined> {
        let rows = values.rows();
        let mut whole = vec![0.0; rows * self.width];
        let mut start = 0;
        for part in &self.parts {
            let numbers = part.apply(values)?;
            for row in 0..rows {
                let from = &numbers[row * part.width..(row + 1) * part.width];
                let to = row * self.width + start;
                whole[to..to + part.width].copy_from_slice(from);
            }
            start += part.width;
        }
        Ok(whole)
    }
}

impl Part {
    fn apply(&self, values: &Values<'_>) -> Result<Vec<f64>, Declined> {
        let taken = match values {
            Values::Raw(batch) => batch.select(&self.take),
            Values::Numbers(numbers, width) => {
                let whole = Batch::of_numbers(*width, numbers.clone(), Kinds::FLOAT);
                whole.and_then(|whole| whole.select(&self.take))
            }
        };
        let taken = taken.ok_or(Declined::Width)?;
        let mut values = Values::Raw(&taken);
        for step in &self.steps {
            values = Values::Numbers(step.apply(&values)?, step.width());
        }
        values.numbers().map(<[f64]>::to_vec)
    }
}
