//! OrdinalEncoder: the number of the category.

use super::Values;
use super::categories::Categories;
use crate::form::{Arrays, Encoder, Unknown};
use crate::{Declined, Error};

/// A number for each category.
#[derive(Debug)]
pub(crate) struct Ordinal {
    columns: Vec<Categories>,
}

impl Ordinal {
    pub(super) fn read(
        heads: Vec<Encoder>,
        width: usize,
        arrays: &Arrays<'_>,
    ) -> Result<Self, Error> {
        if heads.len() != width {
            return Err(Error::wrong(
                "steps",
                "there is not one encoder for each column",
            ));
        }
        let columns = heads.into_iter().map(|head| Categories::read(head, arrays));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        if columns
            .iter()
            .any(|column| column.unknown == Unknown::Ignore)
        {
            return Err(Error::wrong(
                "steps",
                "an unknown category needs a number here",
            ));
        }
        Ok(Self { columns })
    }

    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    pub(super) fn apply(&self, values: &Values<'_>) -> Result<Vec<f64>, Declined> {
        for (number, column) in self.columns.iter().enumerate() {
            column.expect(values, number)?;
        }
        let width = self.width();
        let mut encoded = Vec::with_capacity(values.rows() * width);
        for row in 0..values.rows() {
            for (number, column) in self.columns.iter().enumerate() {
                let cell = row * width + number;
                let found = column.find(values, cell);
                encoded.push(match (found, column.unknown, column.missing) {
                    (Some(_), _, Some(missing)) if column.is_missing(values, cell) => missing,
                    (Some(found), _, _) => found as f64,
                    (None, Unknown::Value(value), _) => value.get(),
                    (None, Unknown::Decline | Unknown::Ignore, _) => {
                        return Err(Declined::Unknown);
                    }
                });
            }
        }
        Ok(encoded)
    }
}
