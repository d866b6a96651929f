//! Pipelines: a graph of steps with parameters, conditions, loops and caching; and their runs.

mod order;
mod run;

pub use order::Order;
pub use run::{Run, RunPhase, StepResult, StepState};

use crate::job::JobSpec;
use crate::model::Approval;
use crate::policy::Policy;
use crate::rollout::Rollout;
use crate::{EndpointName, ModelName, Name};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
            if step.for_each.is_some()
                && let Some(other) = self.named_like_an_item(&step.name)
            {
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

    /// A step whose name is that of an item of the loop `name` in a job's id.
    fn named_like_an_item(&self, name: &Name) -> Option<&StepSpec> {
        let prefix = format!("{name}_");
        self.steps.iter().find(|other| {
            let rest = other.name.as_str().strip_prefix(&prefix);
            rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
        })
    }

    /// The step of that name.
    pub fn step(&self, name: &Name) -> Option<&StepSpec> {
        self.steps.iter().find(|step| step.name == *name)
    }
}
