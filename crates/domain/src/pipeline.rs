//! Pipelines: a graph of steps with parameters, conditions, loops and caching; and their runs.

mod order;

pub use order::Order;

use crate::job::{Failure, JobSpec};
use crate::metric::Finite;
use crate::model::Approval;
use crate::policy::Policy;
use crate::rollout::Rollout;
use crate::{EndpointName, JobId, ModelName, Name, RunId, StepPath, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A pipeline as it is submitted. Texts may hold `${…}` expressions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PipelineSpec {
    /// Its name; runs of one name share a history and a cache.
    pub name: Name,
    /// Values that expressions read as `${parameters.x}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, serde_json::Value>,
    /// The steps, in the order of the file.
    pub steps: Vec<StepSpec>,
    /// Demands on the run as a whole.
    #[serde(default)]
    pub policy: Policy,
    /// Free labels; each job gets them too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StepSpec {
    /// Its name, unique in the pipeline.
    pub name: Name,
    /// Steps that must have succeeded before it, references in expressions included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Name>,
    /// Loop over items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<ForEach>,
    /// What it does.
    pub action: StepAction,
}

/// A loop: the step is done once for each item, which expressions read as `${item}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ForEach {
    /// A list, or an expression that gives one.
    pub items: serde_json::Value,
    /// How many at once; 0 is no limit.
    #[serde(default)]
    pub parallelism: u32,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum StepAction {
    /// Runs user code. An evaluation is a job whose metrics and report others read.
    Job {
        /// The template of the job.
        job: Box<JobSpec>,
    },
    /// Chooses between steps.
    Condition {
        /// An expression that gives true or false.
        test: String,
        /// Steps that are done only when it is true.
        then: Vec<Name>,
        /// Steps that are done only when it is false.
        otherwise: Vec<Name>,
    },
    /// Makes a model version of a job's model folder.
    Register {
        /// The model.
        model: ModelName,
        /// An expression that gives the artifact's location.
        from: String,
        /// Handler file in the code archive; unset when the model needs none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handler: Option<String>,
        /// Approval of the new version.
        #[serde(default)]
        approval: Approval,
        /// Aliases that point to it from then on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        aliases: Vec<Name>,
    },
    /// Puts a model version behind an endpoint.
    Deploy {
        /// The endpoint; made when it is not there.
        endpoint: EndpointName,
        /// An expression that gives `model:version`, `model@alias` or a model's name (newest).
        model: String,
        /// Workers.
        #[serde(default = "one")]
        replicas: u32,
        /// What it asks of the endpoint's traffic.
        #[serde(default, skip_serializing_if = "Rollout::is_default")]
        rollout: Box<Rollout>,
    },
    /// Sends a payload to an endpoint and keeps the answer.
    Predict {
        /// The endpoint.
        endpoint: EndpointName,
        /// The payload.
        payload: serde_json::Value,
    },
    /// Ends the run as failed with a message.
    Fail {
        /// May hold expressions.
        message: String,
    },
}

fn one() -> u32 {
    1
}

impl StepAction {
    /// One word for tables.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Job { .. } => "job",
            Self::Condition { .. } => "condition",
            Self::Register { .. } => "register",
            Self::Deploy { .. } => "deploy",
            Self::Predict { .. } => "predict",
            Self::Fail { .. } => "fail",
        }
    }
}

/// Why a pipeline is not well formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPipeline {
    /// Two steps share a name, or names that cannot be told apart in a job's id.
    #[error("step `{0}` is there twice")]
    Duplicate(Name),
    /// A step names one that is not there.
    #[error("step `{step}` needs `{missing}`, which is not a step of this pipeline")]
    Unknown {
        /// The step that needs it.
        step: Name,
        /// What is not there.
        missing: Name,
    },
    /// Steps wait for each other.
    #[error("steps wait for each other: {}", path.iter().map(Name::as_str).collect::<Vec<_>>().join(" → "))]
    Cycle {
        /// The steps in order, the first again at the end.
        path: Vec<Name>,
    },
    /// There is nothing to do.
    #[error("the pipeline has no steps")]
    Empty,
}

impl PipelineSpec {
    /// All steps that must be over before `step` may begin: its `needs` and the condition that
    /// chooses it.
    pub fn predecessors<'a>(&'a self, step: &'a StepSpec) -> impl Iterator<Item = &'a Name> {
        let choosers = self.steps.iter().filter(|other| match &other.action {
            StepAction::Condition {
                then, otherwise, ..
            } => then.contains(&step.name) || otherwise.contains(&step.name),
            _ => false,
        });
        step.needs.iter().chain(choosers.map(|other| &other.name))
    }

    /// Checks names, needs and that no steps wait for each other.
    pub fn check(&self) -> Result<(), InvalidPipeline> {
        if self.steps.is_empty() {
            return Err(InvalidPipeline::Empty);
        }
        let mut index = BTreeMap::new();
        for (position, step) in self.steps.iter().enumerate() {
            if index.insert(&step.name, position).is_some() {
                return Err(InvalidPipeline::Duplicate(step.name.clone()));
            }
        }
        for step in &self.steps {
            let looped = step.for_each.is_some();
            let prefix = format!("{}_", step.name);
            let clash = self.steps.iter().find(|other| {
                looped
                    && other
                        .name
                        .as_str()
                        .strip_prefix(&prefix)
                        .is_some_and(|rest| {
                            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())
                        })
            });
            if let Some(other) = clash {
                return Err(InvalidPipeline::Duplicate(other.name.clone()));
            }
            let chosen: &[&Vec<Name>] = match &step.action {
                StepAction::Condition {
                    then, otherwise, ..
                } => &[then, otherwise],
                _ => &[],
            };
            for name in step.needs.iter().chain(chosen.iter().copied().flatten()) {
                if !index.contains_key(name) {
                    return Err(InvalidPipeline::Unknown {
                        step: step.name.clone(),
                        missing: name.clone(),
                    });
                }
            }
        }
        order::refuse_cycles(self, &index)
    }

    /// The step of that name.
    pub fn step(&self, name: &Name) -> Option<&StepSpec> {
        self.steps.iter().find(|step| step.name == *name)
    }
}

/// What a step that is over gave; expressions of later steps read it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct StepResult {
    /// Model folder's location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Named outputs to locations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// Final metrics.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, Finite>,
    /// Content hashes of model and outputs, for the cache of later steps.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hashes: BTreeMap<String, String>,
    /// What else a step has to say: `version` of a registration, `answer` of a prediction,
    /// `value` of a condition.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, serde_json::Value>,
}

/// The state of one step, or of one item of a loop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum StepState {
    /// Waits for others.
    Waiting,
    /// Being done; for a job step the job's row has the details.
    Running {
        /// The job, for job steps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
        /// Since when.
        since: Timestamp,
        /// Under which its result is remembered for later runs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cache_key: Option<String>,
        /// The generation of the endpoint that a deployment waits for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        generation: Option<u64>,
    },
    /// Done.
    Succeeded {
        /// What it gave.
        result: StepResult,
        /// The job that did it, this run's or the cached one's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
        /// Whether an earlier run's result was taken.
        #[serde(default)]
        cached: bool,
        /// When it began.
        started: Timestamp,
        /// When it ended.
        ended: Timestamp,
    },
    /// Given up.
    Failed {
        /// Why.
        failure: Failure,
        /// The job.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
        /// When.
        ended: Timestamp,
    },
    /// Not done: a condition chose otherwise, or something before it did not succeed.
    Skipped {
        /// Why, in a few words.
        reason: String,
    },
    /// Stopped on request.
    Stopped {
        /// The job.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<JobId>,
    },
}

impl StepState {
    /// One word for tables.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running { .. } => "running",
            Self::Succeeded { cached: true, .. } => "cached",
            Self::Succeeded { .. } => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Skipped { .. } => "skipped",
            Self::Stopped { .. } => "stopped",
        }
    }

    /// Whether nothing more will happen to it.
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Running { .. })
    }
}

/// The state of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunPhase {
    /// Steps are being done.
    Running,
    /// A stop was asked for; running jobs are being stopped.
    Stopping,
    /// All chosen steps succeeded.
    Succeeded,
    /// A step failed.
    Failed,
    /// Stopped on request.
    Stopped,
}

impl RunPhase {
    /// All words of [`Self::word`].
    pub const WORDS: [&str; 5] = ["running", "stopping", "succeeded", "failed", "stopped"];

    /// One word for lists and filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// One execution of a pipeline, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Scope.
    pub workspace: Workspace,
    /// What is executed.
    pub spec: Arc<PipelineSpec>,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Where it stands.
    pub phase: RunPhase,
    /// State of each step; of each item for a loop, which has no entry under its bare name.
    pub steps: BTreeMap<StepPath, StepState>,
    /// Items of each loop, once they are known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub items: BTreeMap<Name, Vec<serde_json::Value>>,
    /// How often it was resumed; steps that are done again get new jobs.
    #[serde(default)]
    pub resumed: u32,
}
