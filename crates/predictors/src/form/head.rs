//! The head of a form. Numbers in place of arrays count the form's arrays from 0.

use super::arrays::ArrayHead;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What is computed.
#[derive(Debug, Deserialize)]
pub(crate) struct Head {
    /// The estimator's class, for people.
    pub(crate) family: String,
    /// Packages and their versions that wrote it, for people.
    #[serde(default)]
    pub(crate) made_with: BTreeMap<String, String>,
    /// Columns of a row.
    pub(crate) features: usize,
    /// Their names, when it was trained with names.
    #[serde(default)]
    pub(crate) names: Option<Vec<String>>,
    /// Preprocessing, in order.
    #[serde(default)]
    pub(crate) steps: Vec<StepHead>,
    pub(crate) model: ModelHead,
    pub(crate) decision: DecisionHead,
    pub(crate) arrays: Vec<ArrayHead>,
}

/// One step of preprocessing.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum StepHead {
    /// Arithmetic on each column.
    Elementwise { operations: Vec<Operation> },
    /// Missing values are replaced; columns that are not kept vanish.
    Impute { keep: usize, fill: usize },
    /// A column for each category.
    OneHot { columns: Vec<Encoder> },
    /// The number of the category.
    Ordinal { columns: Vec<Encoder> },
    /// Parts of the columns through steps of their own, put side by side.
    Columns { parts: Vec<ColumnPart> },
}

/// Arithmetic with one number for each column.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Operation {
    Add(usize),
    Subtract(usize),
    Multiply(usize),
    Divide(usize),
    Clip { low: f64, high: f64 },
}

/// Some columns and what becomes of them.
#[derive(Debug, Deserialize)]
pub(crate) struct ColumnPart {
    pub(crate) take: Vec<usize>,
    pub(crate) steps: Vec<StepHead>,
}

/// The categories of one column.
#[derive(Debug, Deserialize)]
pub(crate) struct Encoder {
    pub(crate) categories: Category,
    /// The one that gets no column.
    #[serde(default)]
    pub(crate) drop: Option<usize>,
    pub(crate) unknown: Unknown,
    /// What a missing value becomes, where that is not its category's number.
    #[serde(default)]
    pub(crate) missing: Option<Number>,
}

/// Texts, or an array of numbers in ascending order, NaN last.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Category {
    Texts(Vec<String>),
    Numbers(usize),
}

/// What becomes of a category that training did not see.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unknown {
    /// Python raises.
    Decline,
    /// No column is set.
    Ignore,
    /// This number.
    Value(Number),
}

/// A number of which JSON has no NaN: null is one.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Number(Option<f64>);

impl Number {
    pub(crate) fn get(self) -> f64 {
        self.0.unwrap_or(f64::NAN)
    }
}

/// What is computed of a preprocessed row.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum ModelHead {
    Trees(TreesHead),
    Linear {
        coefficients: usize,
        intercepts: usize,
    },
}

/// A sum over trees.
#[derive(Debug, Deserialize)]
pub(crate) struct TreesHead {
    /// Of the features.
    pub(crate) precision: Precision,
    /// Of the sum.
    pub(crate) sum: Precision,
    pub(crate) compare: Compare,
    pub(crate) finite: FiniteRule,
    /// For each tree its first node, and the number of nodes at the end.
    pub(crate) starts: usize,
    /// For each node its feature; what a leaf has is not looked at.
    pub(crate) feature: usize,
    pub(crate) threshold: usize,
    /// For each node its children, counted within the tree; a leaf has -1.
    pub(crate) left: usize,
    pub(crate) right: usize,
    /// For each node 1 when a missing value goes to the left.
    pub(crate) missing_left: usize,
    /// For each node `width` numbers.
    pub(crate) value: usize,
    pub(crate) width: usize,
    /// For each tree the output that it adds to, when `width` is 1.
    #[serde(default)]
    pub(crate) group: Option<usize>,
    /// What each output begins with; its length is the number of outputs.
    pub(crate) base: usize,
    /// What the sum is divided by at the end.
    #[serde(default)]
    pub(crate) divide: Option<f64>,
    /// Values up to this size count as zero.
    #[serde(default)]
    pub(crate) zero: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Precision {
    Single,
    Double,
}

/// When a row goes to the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Compare {
    /// Where its value is at most the threshold.
    AtMost,
    /// Where it is below.
    Below,
}

/// Which values are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FiniteRule {
    /// Finite ones.
    Finite,
    /// Those and missing ones.
    Missing,
    /// All.
    Any,
}

/// What the answer is, given the outputs.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum DecisionHead {
    /// The one output itself.
    Value { precision: Precision },
    /// The second label where the one output is above the threshold, else the first.
    Threshold {
        above: f64,
        #[serde(default)]
        inclusive: bool,
        labels: LabelsHead,
    },
    /// The label of the largest output, the first of equals.
    Largest {
        labels: LabelsHead,
        /// Compared after a softmax of this precision.
        #[serde(default)]
        softmax: Option<Precision>,
    },
}

/// The labels of classes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LabelsHead {
    Bools(Vec<bool>),
    Texts {
        values: Vec<String>,
        r#type: String,
    },
    /// An array of whole numbers and numpy's name of their type.
    Ints {
        array: usize,
        r#type: String,
    },
    Floats {
        array: usize,
        r#type: String,
    },
}
