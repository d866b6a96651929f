//! StandardScaler, MinMaxScaler, MaxAbsScaler and RobustScaler: arithmetic with one number for each
//! column, in the order in which scikit-learn does it, so that the roundings are its own.

use super::{Values, expect_finite_or_missing};
use crate::form::{Arrays, Operation};
use crate::{Declined, Error};

/// Arithmetic on each column.
#[derive(Debug)]
pub(crate) struct Elementwise {
    width: usize,
    operations: Vec<Arithmetic>,
}

#[derive(Debug)]
enum Arithmetic {
    Add(Vec<f64>),
    Subtract(Vec<f64>),
    Multiply(Vec<f64>),
    Divide(Vec<f64>),
    Clip(f64, f64),
}

impl Elementwise {
    pub(super) fn read(
        heads: Vec<Operation>,
        width: usize,
        arrays: &Arrays<'_>,
    ) -> Result<Self, Error> {
        let numbers = |array| {
            let numbers = arrays.f64(array)?;
            if numbers.len() == width {
                Ok(numbers)
            } else {
                Err(Error::wrong(
                    "steps",
                    "there is not one number for each column",
                ))
            }
        };
        let mut operations = Vec::with_capacity(heads.len());
        for head in heads {
            operations.push(match head {
                Operation::Add(array) => Arithmetic::Add(numbers(array)?),
                Operation::Subtract(array) => Arithmetic::Subtract(numbers(array)?),
                Operation::Multiply(array) => Arithmetic::Multiply(numbers(array)?),
                Operation::Divide(array) => Arithmetic::Divide(numbers(array)?),
                Operation::Clip { low, high } if low <= high => Arithmetic::Clip(low, high),
                Operation::Clip { .. } => return Err(Error::wrong("steps", "a clip is empty")),
            });
        }
        Ok(Self { width, operations })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn apply(&self, values: &Values<'_>) -> Result<Vec<f64>, Declined> {
        let mut numbers = values.numbers()?.to_vec();
        expect_finite_or_missing(&numbers)?;
        for operation in &self.operations {
            match operation {
                Arithmetic::Add(by) => self.each(&mut numbers, by, |x, by| x + by),
                Arithmetic::Subtract(by) => self.each(&mut numbers, by, |x, by| x - by),
                Arithmetic::Multiply(by) => self.each(&mut numbers, by, |x, by| x * by),
                Arithmetic::Divide(by) => self.each(&mut numbers, by, |x, by| x / by),
                Arithmetic::Clip(low, high) => {
                    for number in &mut numbers {
                        *number = number.clamp(*low, *high);
                    }
                }
            }
        }
        Ok(numbers)
    }

    fn each(&self, numbers: &mut [f64], by: &[f64], compute: impl Fn(f64, f64) -> f64) {
        for row in numbers.chunks_exact_mut(self.width) {
            for (number, by) in row.iter_mut().zip(by) {
                *number = compute(*number, *by);
            }
        }
    }
}
