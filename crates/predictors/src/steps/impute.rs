//! SimpleImputer over numbers whose missing value is NaN.

use super::{Values, expect_finite_or_missing};
use crate::form::Arrays;
use crate::{Declined, Error};

/// Missing values are replaced; columns that had no value in training vanish.
#[derive(Debug)]
pub(crate) struct Impute {
    /// The columns that stay, and what replaces their missing values.
    columns: Vec<(usize, f64)>,
    width: usize,
}

impl Impute {
    pub(super) fn read(
        keep: usize,
        fill: usize,
        width: usize,
        arrays: &Arrays<'_>,
    ) -> Result<Self, Error> {
        let (keep, fill) = (arrays.i32(keep)?, arrays.f64(fill)?);
        if keep.len() != fill.len() {
            return Err(Error::wrong(
                "steps",
                "there is not one filling for each column",
            ));
        }
        let mut columns = Vec::with_capacity(keep.len());
        for (column, fill) in keep.into_iter().zip(fill) {
            let column = usize::try_from(column)
                .ok()
                .filter(|column| *column < width);
            let column = column.ok_or_else(|| Error::wrong("steps", "a column is not there"))?;
            columns.push((column, fill));
        }
        Ok(Self { columns, width })
    }

    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn apply(&self, values: &Values<'_>) -> Result<Vec<f64>, Declined> {
        let numbers = values.numbers()?;
        expect_finite_or_missing(numbers)?;
        let mut filled = Vec::with_capacity(values.rows() * self.width());
        for row in numbers.chunks_exact(self.width) {
            for (column, fill) in &self.columns {
                let number = row[*column];
                filled.push(if number.is_nan() { *fill } else { number });
            }
        }
        Ok(filled)
    }
}
