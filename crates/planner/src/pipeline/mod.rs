//! The question that a pipeline puts: its jobs, their order and what they hand on.

mod given;
mod graph;
mod kept;
mod places;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::job::JobSpec;
use domain::offer::Architecture;
use domain::pipeline::{PipelineSpec, StepAction};
use domain::policy::Policy;
use domain::resources::{Amount, Resources};
use domain::{Money, Span, Timestamp};
use serde::{Deserialize, Serialize};

use crate::question::{Bounds, RunTime};
use crate::{Market, Objective, Question, Workload};

pub use given::Given;
use graph::{Expanded, expand, jobs_before};
pub use kept::{Kept, KeptAnswer, Known};
pub use places::{NoPlace, Places};

/// The provider that is always connected.
pub const LOCAL: &str = "local";

/// What is wanted of a plan besides what the pipeline itself says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// What is made small.
    pub objective: Objective,
    /// Whether the front of cost against time is wanted.
    pub front: bool,
    /// Whether every provider may be used.
    pub any_provider: bool,
    /// What an hour of this machine costs.
    pub local_rate: Money,
    /// Run time of every step that `run_times` does not name.
    pub every: Option<Span>,
    /// Run time by step; before what the pipeline expects.
    pub run_times: BTreeMap<String, Span>,
    /// Bytes that a step hands on; before what the pipeline expects.
    pub output_sizes: BTreeMap<String, u64>,
    /// Bytes that left a provider for the internet this month, as [`Question::egress_used`] takes
    /// them.
    pub egress_used: BTreeMap<String, u64>,
    /// Managed service to buy a provider's machines through; the others' are bare.
    pub services: BTreeMap<String, String>,
    /// Further limits that hold for every step.
    pub bounds: Bounds,
    /// Quotas, contracts and queues.
    pub given: Given,
    /// Places that are configured; empty where that is not asked.
    pub places: Places,
}

impl Wishes {
    /// Declared run time of a step.
    fn run_time(&self, step: &str) -> Option<Span> {
        self.run_times.get(step).copied().or(self.every)
    }
}

/// What is asked, and what had to be assumed for it.
#[derive(Debug)]
pub struct Asked {
    /// The question.
    pub question: Question,
    /// Names of the workloads of each job step.
    pub steps: BTreeMap<String, Vec<String>>,
    /// Assumptions, as sentences.
    pub notes: Vec<String>,
}

/// Asks where the jobs of a pipeline should run; `None` when it has none.
///
/// # Errors
/// When a step may only go where nothing can be planned.
pub fn ask(
    spec: &PipelineSpec,
    market: Arc<Market>,
    now: Timestamp,
    wishes: &Wishes,
) -> Result<Option<Asked>, NoPlace> {
    let mut question = Question::new(market, now).objective(wishes.objective);
    question.budget = spec.policy.maximum_cost;
    question.settings.front = wishes.front;
    question.egress_used.clone_from(&wishes.egress_used);
    wishes.given.put_to(&mut question);
    let (mut steps, mut notes) = (BTreeMap::new(), Vec::new());
    let mut assumed = Vec::new();
    let mut weightless = Vec::new();
    for step in &spec.steps {
        let StepAction::Job { job } = &step.action else {
            continue;
        };
        let name = step.name.as_str();
        let template = workload(spec, name, job, wishes, &mut notes)?;
        if wishes.run_time(name).is_none() && !has_time(job) {
            assumed.push(name);
        }
        let Expanded {
            names,
            turns,
            unknown,
        } = expand(spec, step);
        if unknown {
            notes.push(format!(
                "the items of `{name}` are known only during the run; one of them is planned"
            ));
        }
        for name in &names {
            let named = Workload {
                name: name.clone(),
                ..template.clone()
            };
            question = question.with(named);
        }
        for (first, second) in turns {
            question = question.link(&names[first], &names[second], 0);
        }
        steps.insert(name.to_owned(), names);
    }
    for step in &spec.steps {
        let Some(readers) = steps.get(step.name.as_str()) else {
            continue;
        };
        for before in jobs_before(spec, step) {
            let from = before.name.as_str();
            let expected = match &before.action {
                StepAction::Job { job } => job.expected.output.map(|size| size.0),
                _ => None,
            };
            let bytes = wishes.output_sizes.get(from).copied().or(expected);
            if bytes.is_none() && !weightless.contains(&from) {
                weightless.push(from);
            }
            for writer in steps.get(from).into_iter().flatten() {
                for reader in readers {
                    question = question.link(writer, reader, bytes.unwrap_or(0));
                }
            }
        }
    }
    if question.workloads.is_empty() {
        return Ok(None);
    }
    if !assumed.is_empty() {
        notes.push(format!(
            "an hour is assumed for {}; `expected: {{run_time: …}}` or `--run-time` says better",
            list(&assumed)
        ));
    }
    if !weightless.is_empty() {
        notes.push(format!(
            "what {} hands on is taken as nothing; `expected: {{output: …}}` or `--output-size` says \
             how much it is",
            list(&weightless)
        ));
    }
    Ok(Some(Asked {
        question,
        steps,
        notes,
    }))
}

fn has_time(job: &JobSpec) -> bool {
    let limit = job.policy.timeout.or(job.limits.wall_clock);
    job.expected.run_time.or(limit).is_some()
}

fn list(names: &[&str]) -> String {
    format!("`{}`", names.join("`, `"))
}

fn workload(
    spec: &PipelineSpec,
    name: &str,
    job: &JobSpec,
    wishes: &Wishes,
    notes: &mut Vec<String>,
) -> Result<Workload, NoPlace> {
    let mut workload = Workload::of_job(name, job);
    inherit(&mut workload.policy, &spec.policy);
    if wishes.any_provider {
        workload.policy.providers.clear();
    } else {
        wishes.places.narrow(&mut workload.policy, name, notes)?;
    }
    workload.bounds = wishes.bounds.clone();
    workload.services.clone_from(&wishes.services);
    // Where code may be is where its data may be, and every path that it takes.
    let residency = &workload.policy.residency;
    workload.bounds.data_residency.extend_from_slice(residency);
    workload
        .bounds
        .egress_residency
        .extend_from_slice(residency);
    if workload.policy.providers == [LOCAL] {
        share(&mut workload.resources);
        // A local machine runs what it was built for.
        workload.architectures = vec![Architecture::X86_64, Architecture::Arm64];
    }
    if let Some(time) = wishes.run_time(name) {
        // Nobody knows whether the code would use more devices than were asked for, so the time
        // is not shortened for machines that have more.
        workload.run_time = RunTime::declared(time);
    }
    workload.run_time = workload.run_time.learned(&history_name(spec, name));
    Ok(workload)
}

/// The run's demands hold for each of its jobs that says nothing else.
pub fn inherit(policy: &mut Policy, run: &Policy) {
    for rule in &run.residency {
        if !policy.residency.contains(rule) {
            policy.residency.push(rule.clone());
        }
    }
    if policy.providers.is_empty() {
        policy.providers.clone_from(&run.providers);
    }
    if policy.purchase.is_empty() {
        policy.purchase.clone_from(&run.purchase);
    }
    policy.maximum_hourly_price = policy.maximum_hourly_price.or(run.maximum_hourly_price);
}

/// A machine of one's own is shared: exactly four processors of it can be had when it has eight.
fn share(resources: &mut Resources) {
    resources.milli_cpus = resources.milli_cpus.map(|it| Amount::AtLeast(it.least()));
    resources.memory = resources.memory.map(|it| Amount::AtLeast(it.least()));
}

/// The name under which history knows a step: its pipeline's and its own.
pub fn history_name(spec: &PipelineSpec, step: &str) -> String {
    format!("{}/{step}", spec.name)
}

/// Whether planning a pipeline needs more than this machine's offer: the offers of providers that
/// it names or that are configured, or the facts about accelerators and regions that its jobs name.
pub fn looks_further(spec: &PipelineSpec, places: &Places) -> bool {
    let further = |policy: &Policy| policy.providers.iter().any(|it| it != LOCAL);
    let mut jobs = spec.steps.iter().filter_map(|step| match &step.action {
        StepAction::Job { job } => Some(job),
        _ => None,
    });
    further(&spec.policy)
        || places.connected.iter().any(|it| it != LOCAL)
        || jobs.any(|job| {
            let expected = &job.expected;
            let placed = !expected.inputs.is_empty() || !expected.outputs.is_empty();
            let accelerated = !job.resources.accelerators.is_empty() || !expected.on.is_empty();
            further(&job.policy) || placed || accelerated
        })
}
