//! OneHotEncoder: a column of zeros and ones for each category.

use super::Values;
use super::categories::Categories;
use crate::form::{Arrays, Encoder, Unknown};
use crate::{Declined, Error};

/// A column for each category that is not dropped.
#[derive(Debug)]
pub(crate) struct OneHot {
    columns: Vec<Categories>,
    width: usize,
}

impl OneHot {
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
        let mut width = 0;
        for column in &columns {
            if column.drop.is_some_and(|drop| drop >= column.len()) {
                return Err(Error::wrong("steps", "a dropped category is not there"));
            }
            if matches!(column.unknown, Unknown::Value(_)) {
                return Err(Error::wrong(
                    "steps",
                    "an unknown category has no number here",
                ));
            }
            width += column.len() - usize::from(column.drop.is_some());
        }
        Ok(Self { columns, width })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn apply(&self, values: &Values<'_>) -> Result<Vec<f64>, Declined> {
        for (number, column) in self.columns.iter().enumerate() {
            column.expect(values, number)?;
        }
        let mut encoded = vec![0.0; values.rows() * self.width];
        let width = values.width();
        for row in 0..values.rows() {
            let mut start = row * self.width;
            for (number, column) in self.columns.iter().enumerate() {
                let found = column.find(values, row * width + number);
                if found.is_none() && column.unknown == Unknown::Decline {
                    return Err(Declined::Unknown);
                }
                let place = match (found, column.drop) {
                    (found, Some(drop)) if found == Some(drop) => None,
                    (Some(found), Some(drop)) if found > drop => Some(found - 1),
                    (found, _) => found,
                };
                if let Some(place) = place {
                    encoded[start + place] = 1.0;
                }
                start += column.len() - usize::from(column.drop.is_some());
            }
        }
        Ok(encoded)
    }
}
