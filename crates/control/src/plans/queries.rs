//! What callers read of plans.

use super::{JobPlan, RunPlan, RunPlans};
use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Query};
use domain::{JobId, Refusal, RunId, Workspace};
use planner::pipeline::Kept;

/// Later plans of a run that are told.
const MOST: u32 = 1_000;

impl Control {
    /// The plan that is kept with a run, and those that were made in its course.
    ///
    /// # Errors
    /// When the run has none, and when what is stored is not what was made.
    pub async fn run_plan(&self, caller: &Caller, run: &RunId) -> Result<RunPlans, Refusal> {
        caller.may_read()?;
        let key = Key::new(RunPlan::KIND, &caller.workspace, run);
        let found = self.find::<RunPlan>(&key).await?;
        let Some((first, _)) = found else {
            self.run(caller, run).await?;
            return Err(Refusal::not_found("plan of run", run));
        };
        let owner = format!("run `{run}`");
        intact(&first.kept, &owner)?;
        let later = self.later_plans(&caller.workspace, run.to_string()).await?;
        for plan in &later {
            intact(&plan.kept, &owner)?;
        }
        Ok(RunPlans { first, later })
    }

    /// The plans that were made for a job that is no step of a run.
    ///
    /// # Errors
    /// When there is no such job, and when what is stored is not what was made.
    pub async fn job_plans(&self, caller: &Caller, job: &JobId) -> Result<Vec<JobPlan>, Refusal> {
        self.job(caller, job).await?;
        let plans = self.later_plans(&caller.workspace, job.to_string()).await?;
        for plan in &plans {
            intact(&plan.kept, &format!("job `{job}`"))?;
        }
        Ok(plans)
    }

    async fn later_plans(&self, of: &Workspace, parent: String) -> Result<Vec<JobPlan>, Error> {
        let query = Query {
            kind: JobPlan::KIND.to_owned(),
            workspace: Some(of.clone()),
            parent: Some(parent),
            limit: MOST,
            ..Query::default()
        };
        let page = self.store.list(&query).await?;
        page.rows.iter().map(read).collect()
    }
}

fn intact(kept: &Kept, owner: &str) -> Result<(), Refusal> {
    if kept.is_intact() {
        return Ok(());
    }
    Err(Refusal::internal(format!(
        "the plan that is kept with {owner} does not fit its own hash: it was changed"
    )))
}
