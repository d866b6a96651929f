//! Planning a run that is being submitted.

use super::RunPlan;
use crate::Control;
use domain::pipeline::PipelineSpec;
use domain::{Money, RunId, Workspace};
use planner::pipeline::{Kept, Known, looks_further};
use std::sync::Arc;

impl Control {
    /// The plan to keep with a run; `None` where this server plans nothing or could not. A run is
    /// never refused for want of a plan: whether a job has a place is decided when it begins.
    pub(crate) async fn plan_run(
        &self,
        workspace: &Workspace,
        spec: &PipelineSpec,
        run: &RunId,
    ) -> Option<RunPlan> {
        let offers = Arc::clone(self.offers.as_ref()?);
        let history = match self.history_of(workspace, spec).await {
            Ok(history) => history,
            Err(error) => {
                tracing::warn!(%run, %error, "the history of earlier runs could not be read");
                return None;
            }
        };
        let known = Known {
            now: self.world.now(),
            here: offers.here(),
            local_rate: Money::ZERO,
            history,
            refusals: self.refusals.known(self.world.now()),
        };
        let spec = spec.clone();
        let planned = tokio::task::spawn_blocking(move || {
            let market = offers.market(looks_further(&spec), known.now)?;
            Ok::<Kept, String>(Kept::make(&spec, market, known))
        });
        let reason = match planned.await {
            Ok(Ok(kept)) => {
                return Some(RunPlan {
                    run: run.clone(),
                    workspace: workspace.clone(),
                    kept,
                });
            }
            Ok(Err(reason)) => reason,
            Err(error) => error.to_string(),
        };
        tracing::warn!(%run, reason, "the run was not planned");
        None
    }
}
