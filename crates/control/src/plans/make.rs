//! Planning a run that is being submitted.

use super::{Offers, RunPlan};
use crate::Control;
use domain::job::JobSpec;
use domain::pipeline::{PipelineSpec, StepAction};
use domain::{Money, RunId, Workspace};
use planner::pipeline::{Kept, Known, Places, looks_further};
use planner::question::{History, Refusals};
use std::collections::BTreeMap;
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
        let looked_up = match self.history_of(workspace, spec).await {
            Ok(history) => self.known_refusals().await.map(|known| (history, known)),
            Err(error) => Err(error),
        };
        let (history, refusals) = match looked_up {
            Ok(known) => known,
            Err(error) => {
                tracing::warn!(%run, %error, "what earlier runs showed could not be read");
                return None;
            }
        };
        let known = self.known(&*offers, spec, history, refusals);
        match make(offers, spec.clone(), known).await {
            Ok(kept) => Some(RunPlan {
                run: run.clone(),
                workspace: workspace.clone(),
                kept,
            }),
            Err(reason) => {
                tracing::warn!(%run, reason, "the run was not planned");
                None
            }
        }
    }

    /// What a plan is made from now.
    pub(super) fn known(
        &self,
        offers: &dyn Offers,
        spec: &PipelineSpec,
        history: History,
        refusals: Refusals,
    ) -> Known {
        Known {
            now: self.world.now(),
            here: offers.here(),
            local_rate: Money::ZERO,
            history,
            refusals,
            places: self.places(spec),
        }
    }

    /// The places of this server, and why they cannot run steps of a pipeline.
    fn places(&self, spec: &PipelineSpec) -> Places {
        let mut unable = BTreeMap::new();
        for step in &spec.steps {
            let StepAction::Job { job } = &step.action else {
                continue;
            };
            let refused: BTreeMap<String, String> = self
                .providers
                .keys()
                .filter_map(|name| Some((name.clone(), self.cannot(name, job)?)))
                .collect();
            if !refused.is_empty() {
                unable.insert(step.name.to_string(), refused);
            }
        }
        Places {
            connected: self.providers.keys().cloned().collect(),
            unable,
        }
    }

    /// Why a provider cannot run a job; `None` when it can.
    pub(crate) fn cannot(&self, provider: &str, spec: &JobSpec) -> Option<String> {
        let refused = self.providers.get(provider)?.backend.refuses(spec);
        let refused = refused
            .into_iter()
            .map(|no| format!("{}: {}", no.demand, no.reason));
        let reasons: Vec<String> = refused.collect();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

/// Plans away from the reactor; a provider without offers is left out, since nothing is known of
/// what it sells.
pub(super) async fn make(
    offers: Arc<dyn Offers>,
    spec: PipelineSpec,
    mut known: Known,
) -> Result<Kept, String> {
    let planned = tokio::task::spawn_blocking(move || {
        let market = offers.market(looks_further(&spec, &known.places), known.now)?;
        let sold = market.providers();
        let connected = &mut known.places.connected;
        connected.retain(|it| sold.iter().any(|sold| **sold == **it));
        Ok::<Kept, String>(Kept::make(&spec, market, known))
    });
    planned.await.map_err(|error| error.to_string())?
}
