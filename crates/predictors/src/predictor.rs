//! A whole predictor: preprocessing, model, decision.

use crate::decision::{Decision, Labels, Prediction};
use crate::form::{self, ModelHead};
use crate::linear::Linear;
use crate::steps::{Step, Values};
use crate::trees::Trees;
use crate::{Batch, Declined, Error};
use std::collections::BTreeMap;

/// Most columns of a row.
const MOST_FEATURES: usize = 1 << 20;

/// A model that is evaluated here.
#[derive(Debug)]
pub struct Predictor {
    family: String,
    made_with: BTreeMap<String, String>,
    features: usize,
    names: Option<Vec<String>>,
    steps: Vec<Step>,
    model: Model,
    decision: Decision,
}

#[derive(Debug)]
enum Model {
    Trees(Trees),
    Linear(Linear),
}

impl Predictor {
    /// Reads a form.
    ///
    /// # Errors
    /// [`Error`] says what is wrong with it; no form, however made, makes this panic or run on.
    pub fn load(bytes: &[u8]) -> Result<Self, Error> {
        let (head, arrays) = form::open(bytes)?;
        if head.features == 0 || head.features > MOST_FEATURES {
            return Err(Error::wrong("features", "there are none or too many"));
        }
        if head
            .names
            .as_ref()
            .is_some_and(|names| names.len() != head.features)
        {
            return Err(Error::wrong("names", "there is not one for each feature"));
        }
        let mut width = head.features;
        let mut steps = Vec::with_capacity(head.steps.len());
        for step in head.steps {
            let step = Step::read(step, width, &arrays, 0)?;
            width = step.width();
            steps.push(step);
        }
        if width == 0 || width > MOST_FEATURES {
            return Err(Error::wrong("steps", "they leave no columns or too many"));
        }
        let model = match head.model {
            ModelHead::Trees(trees) => Model::Trees(Trees::read(&trees, width, &arrays)?),
            ModelHead::Linear {
                coefficients,
                intercepts,
            } => Model::Linear(Linear::read(width, coefficients, intercepts, &arrays)?),
        };
        let decision = Decision::read(head.decision, &arrays, model.outputs())?;
        Ok(Self {
            family: head.family,
            made_with: head.made_with,
            features: head.features,
            names: head.names,
            steps,
            model,
            decision,
        })
    }

    /// The class of the estimator that it was made from.
    pub fn family(&self) -> &str {
        &self.family
    }

    /// The packages that it was made with, and their versions.
    pub fn made_with(&self) -> &BTreeMap<String, String> {
        &self.made_with
    }

    /// Columns of a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Names of the columns, when the model was trained with names.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// The labels of a classifier; none of a regressor.
    pub fn labels(&self) -> Option<&Labels> {
        self.decision.labels()
    }

    /// Whether there is preprocessing before the model.
    pub fn has_steps(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Whether its outputs are sums of single precision.
    pub fn is_single(&self) -> bool {
        matches!(&self.model, Model::Trees(trees) if trees.is_single())
    }

    /// A rough count of the steps that one row takes, to decide where it is computed.
    pub fn effort(&self) -> usize {
        match &self.model {
            Model::Trees(trees) => trees.effort(),
            Model::Linear(linear) => linear.outputs() * self.features / 8 + 1,
        }
    }

    /// What the model predicts of each row.
    ///
    /// # Errors
    /// [`Declined`] when Python must be asked.
    pub fn predict(&self, batch: &Batch) -> Result<Prediction<'_>, Declined> {
        Ok(self.decision.decide(self.scores(batch)?, self.outputs()))
    }

    /// The model's own outputs before the decision, row after row: mean probabilities of forests,
    /// raw scores of boosters, decision values of linear models.
    ///
    /// # Errors
    /// [`Declined`] when Python must be asked.
    pub fn scores(&self, batch: &Batch) -> Result<Vec<f64>, Declined> {
        if batch.rows() == 0 {
            return Err(Declined::Empty);
        }
        if batch.width() != self.features {
            return Err(Declined::Width);
        }
        let single_is_fine = self.steps.is_empty() && matches!(self.model, Model::Trees(_));
        if batch.is_single() && !single_is_fine {
            return Err(Declined::Precision);
        }
        if self.steps.is_empty() {
            for column in 0..batch.width() {
                batch.expect_numbers(column)?;
            }
            return self.model.evaluate(batch.numbers());
        }
        let mut values = Values::Raw(batch);
        for step in &self.steps {
            values = Values::Numbers(step.apply(&values)?, step.width());
        }
        match &values {
            Values::Raw(batch) => self.model.evaluate(batch.numbers()),
            Values::Numbers(numbers, _) => self.model.evaluate(numbers),
        }
    }

    /// Outputs of a row.
    pub fn outputs(&self) -> usize {
        self.model.outputs()
    }
}

impl Model {
    fn outputs(&self) -> usize {
        match self {
            Self::Trees(trees) => trees.outputs(),
            Self::Linear(linear) => linear.outputs(),
        }
    }

    fn evaluate(&self, rows: &[f64]) -> Result<Vec<f64>, Declined> {
        match self {
            Self::Trees(trees) => trees.evaluate(rows),
            Self::Linear(linear) => linear.evaluate(rows),
        }
    }
}
