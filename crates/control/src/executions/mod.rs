//! Executions: graphs of a dialect's requests, moved along like everything else.
//!
//! One activation makes what was stored to be made, observes what is under way, settles by a pure
//! function, resolves what is ready, and commits. What the commit says is to be made is made by
//! the next activation, so that a crash in between is no special case.

mod activate;
mod answers;
mod cache;
mod commands;
pub mod decide;
mod queries;

pub use commands::NewExecution;
pub use queries::ExecutionFilter;

use crate::rows::Stored;
use domain::Workspace;
use domain::execution::Execution;
use std::collections::BTreeMap;

/// The label of an execution that waits for an answer under a token.
pub(crate) fn token_label(token: &str) -> String {
    format!("tradewind:answer:{token}")
}

impl Stored for Execution {
    const KIND: &'static str = "execution";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.id.clone()
    }
    fn parent(&self) -> Option<String> {
        Some(self.graph.clone())
    }
    fn phase_word(&self) -> String {
        self.phase.word().to_owned()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        let tokens = self.states.values().filter_map(|state| state.token());
        let mut labels: BTreeMap<String, String> = tokens
            .map(|token| (token_label(token), String::new()))
            .collect();
        labels.insert(crate::rows::FOREIGN_LABEL.to_owned(), self.dialect.clone());
        labels
    }
}
