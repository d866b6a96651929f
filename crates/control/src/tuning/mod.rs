//! Tuning: a search whose trials a dialect makes, and which reads the objective from their jobs.
//!
//! The same bargain as with executions: a trial's name and values are stored before the dialect
//! hears of them, what is seen is settled by a pure function, and the search itself is pure.

mod activate;
mod commands;
pub mod decide;
mod queries;
pub mod search;

pub use commands::NewTuning;
pub use queries::TuningFilter;

use crate::rows::Stored;
use domain::Workspace;
use domain::tuning::Tuning;
use std::collections::BTreeMap;

impl Stored for Tuning {
    const KIND: &'static str = "tuning";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.id.clone()
    }
    fn phase_word(&self) -> String {
        self.phase.word().to_owned()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        let foreign = (crate::rows::FOREIGN_LABEL.to_owned(), self.dialect.clone());
        BTreeMap::from([foreign])
    }
}
