//! The plans of runs: made when a run is submitted, kept beside it, never changed; and what
//! providers have refused, which every later plan and placement knows.

mod anew;
mod denials;
mod history;
mod known;
mod make;
mod queries;
mod refusals;

pub(crate) use anew::{Anew, denied};
pub use known::KnownPlans;
pub use refusals::RefusalMemory;

use crate::rows::Stored;
use domain::offer::OfferTable;
use domain::pipeline::PipelineSpec;
use domain::{JobId, RunId, TicketId, Timestamp, Workspace};
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

    /// The price lists of every provider.
    ///
    /// # Errors
    /// Why there are none, as a sentence.
    fn prices(&self) -> Result<Arc<OfferTable>, String>;
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

/// A plan that was made when a job was to begin, because the run's own no longer holds or there is
/// none: a place refused it, or is not there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobPlan {
    /// The attempt that was placed by it.
    pub ticket: TicketId,
    /// The job.
    pub job: JobId,
    /// Its scope.
    pub workspace: Workspace,
    /// The run that the job is a step of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// What was planned: the job alone, with what is left of the run's demands.
    pub spec: PipelineSpec,
    /// The plan with all that it was made from.
    pub kept: Kept,
}

impl Stored for JobPlan {
    const KIND: &'static str = "job-plan";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.ticket.to_string()
    }
    fn parent(&self) -> Option<String> {
        Some(match &self.run {
            Some(run) => run.to_string(),
            None => self.job.to_string(),
        })
    }
    fn phase_word(&self) -> String {
        "placed".to_owned()
    }
}

/// The plan of a run with what was planned anew in its course, in the order of the attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunPlans {
    /// The plan that was made when the run was submitted.
    #[serde(flatten)]
    pub first: RunPlan,
    /// Later ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<JobPlan>,
}
