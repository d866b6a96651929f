//! The plans of runs: made when a run is submitted, kept beside it, never changed; and what
//! providers have refused, which every later plan and placement knows.

mod history;
mod make;
mod queries;
mod refusals;

pub use refusals::RefusalMemory;

use crate::rows::Stored;
use domain::{RunId, Timestamp, Workspace};
use planner::Market;
use planner::pipeline::{Kept, KeptAnswer};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What may be planned on.
pub trait Offers: Send + Sync {
    /// This machine: thousandths of virtual processors and bytes of memory.
    fn here(&self) -> (u32, u64);

    /// This machine's offer, and with `further` those of every provider beside it.
    ///
    /// # Errors
    /// Why there is no such market, as a sentence.
    fn market(&self, further: bool, now: Timestamp) -> Result<Arc<Market>, String>;
}

/// The plan of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    /// The run.
    pub run: RunId,
    /// Its scope.
    pub workspace: Workspace,
    /// The plan with all that it was made from.
    pub kept: Kept,
}

impl Stored for RunPlan {
    const KIND: &'static str = "plan";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.run.to_string()
    }
    fn parent(&self) -> Option<String> {
        Some(self.run.to_string())
    }
    fn phase_word(&self) -> String {
        match &self.kept.answer {
            KeptAnswer::Placed { .. } => "placed",
            KeptAnswer::Nowhere { .. } => "nowhere",
            KeptAnswer::Unplanned { .. } => "unplanned",
        }
        .to_owned()
    }
}
