//! Sums over trees: forests, boosted trees and single trees of scikit-learn, XGBoost and LightGBM.
//!
//! The families differ in the precision of features and of the sum, in whether a row goes left
//! where it is at most or below the threshold, and in where missing values go. All of that is
//! brought to one rule when a form is read, so that the walk has no choices: *right where the value
//! is above the threshold*, thresholds being rounded down to what the precision of the features can
//! tell apart.

mod layout;
mod real;
mod walk;

use crate::form::{Arrays, FiniteRule, Precision, TreesHead};
use crate::{Declined, Error};
use layout::Forest;
use real::Real;

/// Most outputs.
const MOST_OUTPUTS: usize = 10_000;
/// Rows whose features are converted and summed together.
const ROWS_AT_ONCE: usize = 64;

/// A sum over trees.
#[derive(Debug)]
pub(crate) struct Trees {
    kind: Kind,
    finite: FiniteRule,
    /// Values up to this size count as zero.
    zero: Option<f64>,
    divide: Option<f64>,
}

/// By the precision of features and sum.
#[derive(Debug)]
enum Kind {
    SingleIntoDouble(Forest<f32, f64>),
    Single(Forest<f32, f32>),
    Double(Forest<f64, f64>),
}

impl Trees {
    pub(crate) fn read(head: &TreesHead, width: usize, arrays: &Arrays<'_>) -> Result<Self, Error> {
        let kind = match (head.precision, head.sum) {
            (Precision::Single, Precision::Double) => {
                Kind::SingleIntoDouble(Forest::read(head, width, arrays)?)
            }
            (Precision::Single, Precision::Single) => {
                Kind::Single(Forest::read(head, width, arrays)?)
            }
            (Precision::Double, Precision::Double) => {
                Kind::Double(Forest::read(head, width, arrays)?)
            }
            (Precision::Double, Precision::Single) => {
                return Err(Error::wrong(
                    "trees",
                    "the sum is less precise than the features",
                ));
            }
        };
        if head.divide.is_some_and(|by| !by.is_normal()) {
            return Err(Error::wrong("trees", "the sum is divided by no number"));
        }
        Ok(Self {
            kind,
            finite: head.finite,
            zero: head.zero,
            divide: head.divide,
        })
    }

    pub(crate) fn outputs(&self) -> usize {
        match &self.kind {
            Kind::SingleIntoDouble(forest) => forest.outputs(),
            Kind::Single(forest) => forest.outputs(),
            Kind::Double(forest) => forest.outputs(),
        }
    }

    pub(crate) fn is_single(&self) -> bool {
        matches!(self.kind, Kind::Single(_))
    }

    /// Nodes that a row passes, roughly.
    pub(crate) fn effort(&self) -> usize {
        match &self.kind {
            Kind::SingleIntoDouble(forest) => forest.effort(),
            Kind::Single(forest) => forest.effort(),
            Kind::Double(forest) => forest.effort(),
        }
    }

    pub(crate) fn evaluate(&self, rows: &[f64]) -> Result<Vec<f64>, Declined> {
        let mut outputs = match &self.kind {
            Kind::SingleIntoDouble(forest) => self.run(forest, rows),
            Kind::Single(forest) => self.run(forest, rows),
            Kind::Double(forest) => self.run(forest, rows),
        }?;
        if let Some(by) = self.divide {
            for output in &mut outputs {
                *output /= by;
            }
        }
        Ok(outputs)
    }

    /// Block after block, so that the features of a block and the nodes of a tree stay in cache.
    fn run<X: Real, S: Real>(
        &self,
        forest: &Forest<X, S>,
        rows: &[f64],
    ) -> Result<Vec<f64>, Declined> {
        let width = forest.features;
        let block = ROWS_AT_ONCE * width;
        let mut outputs = Vec::with_capacity(rows.len() / width * forest.outputs());
        let mut features: Vec<X> = Vec::with_capacity(block.min(rows.len()));
        let mut sums = Vec::new();
        for rows in rows.chunks(block) {
            features.clear();
            let mut missing = false;
            for value in rows {
                let feature = self.convert::<X>(*value)?;
                missing |= feature.is_nan();
                features.push(feature);
            }
            forest.sum(&features, missing, &mut sums);
            outputs.extend(sums.iter().map(|sum: &S| sum.widen()));
        }
        Ok(outputs)
    }

    fn convert<X: Real>(&self, value: f64) -> Result<X, Declined> {
        let feature = X::narrow(value);
        if feature.is_finite() {
            return Ok(match self.zero {
                Some(zero) if value.abs() <= zero => X::narrow(0.0),
                _ => feature,
            });
        }
        match self.finite {
            FiniteRule::Any => Ok(feature),
            FiniteRule::Missing if value.is_nan() => Ok(feature),
            FiniteRule::Finite if value.is_nan() => Err(Declined::Missing),
            FiniteRule::Missing | FiniteRule::Finite => Err(Declined::Infinite),
        }
    }
}
