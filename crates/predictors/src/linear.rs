//! Linear models: scikit-learn's `coef_` and `intercept_`.
//!
//! The products are summed from left to right. BLAS sums them in another order, so an output may
//! differ from Python's in its last bits; whoever compares must allow for that.

use crate::form::Arrays;
use crate::{Declined, Error};

/// Outputs that are each a weighted sum of the features.
#[derive(Debug)]
pub(crate) struct Linear {
    width: usize,
    /// One row of `width` for each output.
    coefficients: Vec<f64>,
    intercepts: Vec<f64>,
}

impl Linear {
    pub(crate) fn read(
        width: usize,
        coefficients: usize,
        intercepts: usize,
        arrays: &Arrays<'_>,
    ) -> Result<Self, Error> {
        let coefficients = arrays.f64(coefficients)?;
        let intercepts = arrays.f64(intercepts)?;
        if intercepts.len().checked_mul(width) != Some(coefficients.len()) {
            return Err(Error::wrong(
                "linear",
                "coefficients and intercepts do not fit",
            ));
        }
        Ok(Self {
            width,
            coefficients,
            intercepts,
        })
    }

    pub(crate) fn outputs(&self) -> usize {
        self.intercepts.len()
    }

    /// The outputs of rows of `width` numbers each.
    pub(crate) fn evaluate(&self, rows: &[f64]) -> Result<Vec<f64>, Declined> {
        let mut outputs = Vec::with_capacity(rows.len() / self.width * self.outputs());
        for row in rows.chunks_exact(self.width) {
            for value in row {
                if value.is_nan() {
                    return Err(Declined::Missing);
                }
                if value.is_infinite() {
                    return Err(Declined::Infinite);
                }
            }
            let weights = self.coefficients.chunks_exact(self.width);
            for (weights, intercept) in weights.zip(&self.intercepts) {
                let sum: f64 = row.iter().zip(weights).map(|(x, w)| x * w).sum();
                outputs.push(sum + intercept);
            }
        }
        Ok(outputs)
    }
}
