//! What callers read of plans.

use super::RunPlan;
use crate::rows::Stored;
use crate::{Caller, Control, Error};
use contracts::store::Key;
use domain::job::Job;
use domain::{Refusal, RunId};

impl Control {
    /// The plan that is kept with a run.
    ///
    /// # Errors
    /// When the run has none, and when what is stored is not what was made.
    pub async fn run_plan(&self, caller: &Caller, run: &RunId) -> Result<RunPlan, Refusal> {
        caller.may_read()?;
        let key = Key::new(RunPlan::KIND, &caller.workspace, run);
        let found = self.find::<RunPlan>(&key).await?;
        let Some((plan, _)) = found else {
            self.run(caller, run).await?;
            return Err(Refusal::not_found("plan of run", run));
        };
        if !plan.kept.is_intact() {
            return Err(Refusal::internal(format!(
                "the plan that is kept with run `{run}` does not fit its own hash: it was changed"
            )));
        }
        Ok(plan)
    }

    /// The hash of the plan by which a job of a run is placed.
    pub(crate) async fn plan_of(&self, job: &Job) -> Result<Option<String>, Error> {
        let (Some(step), Some(_)) = (&job.step, &self.offers) else {
            return Ok(None);
        };
        let key = Key::new(RunPlan::KIND, &job.workspace, &step.run);
        let found = self.find::<RunPlan>(&key).await?;
        Ok(found.and_then(|(plan, _)| plan.kept.plan().map(|plan| plan.hash.clone())))
    }
}
