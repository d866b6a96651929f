//! Why a form cannot be loaded, and why a batch is left to Python.

/// What is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It does not begin like one.
    #[error("the bytes are not a predictor's form")]
    NotAForm,
    /// It was written by another version of the exporter.
    #[error("the form has version {found}; this server reads version {read}")]
    Version {
        /// The form's.
        found: u32,
        /// Ours.
        read: u32,
    },
    /// It is cut short or was changed.
    #[error("the form is damaged: {0}")]
    Damaged(&'static str),
    /// Its head is not what a head must be.
    #[error("the form's head is wrong: {0}")]
    Head(String),
    /// Its parts contradict each other or leave their bounds.
    #[error("the form's `{part}` is wrong: {why}")]
    Wrong {
        /// The part.
        part: &'static str,
        /// What about it.
        why: String,
    },
}

impl Error {
    pub(crate) fn wrong(part: &'static str, why: impl Into<String>) -> Self {
        Self::Wrong {
            part,
            why: why.into(),
        }
    }
}

/// Why a batch is left to Python: it would raise there, or be converted in a way that is not
/// repeated here. Not an error: whoever asked goes on with the Python worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// No rows.
    #[error("the batch has no rows")]
    Empty,
    /// Another number of columns than the model was trained with.
    #[error("the batch does not have the model's number of columns")]
    Width,
    /// A missing value where the model takes none.
    #[error("a value is missing")]
    Missing,
    /// An infinite value, or one that becomes so in the model's precision.
    #[error("a value is infinite or too large")]
    Infinite,
    /// Text where the model takes numbers, or the other way round.
    #[error("a column is not of the model's kind")]
    Kind,
    /// A category that was not there in training and has no rule.
    #[error("a category is unknown")]
    Unknown,
    /// More numbers than are computed at once here.
    #[error("the batch is too large")]
    Large,
    /// Single precision before a step that computes in the precision of its input.
    #[error("the batch has single precision")]
    Precision,
}
