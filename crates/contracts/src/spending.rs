//! Whether somebody pays for what is about to be submitted: hard budgets are asked before anything
//! is stored, so that a refused run has never existed.

use domain::job::JobSpec;
use domain::pipeline::{PipelineSpec, StepAction};
use domain::{ByteSize, Refusal, Span, Workspace};
use std::collections::BTreeMap;

/// What is about to be submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Where.
    pub workspace: Workspace,
    /// Its tags, by which budgets are told apart.
    pub tags: BTreeMap<String, String>,
    /// What its jobs ask for.
    pub demands: Vec<Demand>,
}

/// What one job asks for; unset where it names nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Thousandths of a CPU.
    pub milli_cpus: Option<u32>,
    /// Memory.
    pub memory: Option<ByteSize>,
    /// The longest it may run.
    pub wall_clock: Option<Span>,
    /// How many such jobs there are.
    pub times: u32,
}

/// Decides whether a submission is paid for.
#[async_trait::async_trait]
pub trait Spending: Send + Sync {
    /// Nothing when it may be submitted, and then its cost counts as under way.
    ///
    /// # Errors
    /// [`Refusal::QuotaSpent`] with the figures when a hard budget would be passed.
    async fn allow(&self, proposal: &Proposal) -> Result<(), Refusal>;
}

/// Everything is paid for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unlimited;

#[async_trait::async_trait]
impl Spending for Unlimited {
    async fn allow(&self, _proposal: &Proposal) -> Result<(), Refusal> {
        Ok(())
    }
}

impl Proposal {
    /// A single job.
    pub fn job(workspace: &Workspace, spec: &JobSpec) -> Self {
        Self {
            workspace: workspace.clone(),
            tags: spec.tags.clone(),
            demands: vec![Demand::of(spec, 1)],
        }
    }

    /// A run: every step once, loops over a written list once for each item.
    pub fn run(workspace: &Workspace, spec: &PipelineSpec) -> Self {
        let demand = |step: &domain::pipeline::StepSpec| {
            let StepAction::Job { job } = &step.action else {
                return None;
            };
            let items = step
                .for_each
                .as_ref()
                .and_then(|each| each.items.as_array());
            Some(Demand::of(job, items.map_or(1, |items| items.len() as u32)))
        };
        Self {
            workspace: workspace.clone(),
            tags: spec.tags.clone(),
            demands: spec.steps.iter().filter_map(demand).collect(),
        }
    }
}

impl Demand {
    fn of(spec: &JobSpec, times: u32) -> Self {
        let asked = spec.resources.milli_cpus.map(|amount| amount.least());
        let memory = spec.resources.memory.map(|amount| amount.least());
        Self {
            milli_cpus: spec.limits.milli_cpus.or(asked),
            memory: spec.limits.memory.or(memory),
            wall_clock: spec.limits.wall_clock,
            times: times.saturating_mul(spec.resources.nodes.max(1)),
        }
    }
}

/// What every implementation does with a submission that is paid for and one that is not.
///
/// # Errors
/// What differs, as a sentence.
pub async fn conformance(
    spending: &dyn Spending,
    affordable: &Proposal,
    unaffordable: &Proposal,
) -> Result<(), String> {
    spending
        .allow(affordable)
        .await
        .map_err(|refusal| format!("what is paid for was refused: {refusal}"))?;
    match spending.allow(unaffordable).await {
        Err(Refusal::QuotaSpent { .. }) => Ok(()),
        Err(other) => Err(format!("it was refused with another reason: {other}")),
        Ok(()) => Err("what nobody pays for was let through".to_owned()),
    }
}
