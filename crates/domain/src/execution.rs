//! Executions: a graph of steps that are requests of a foreign API, and where each stands.
//!
//! A [`crate::pipeline::Run`] knows what its steps do. Here only the order, the retries and the
//! results are known; what a step asks for is in the words of the dialect that translated it, and
//! that dialect makes, observes and stops it when told to.

use crate::{Span, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A step of an execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphStep {
    /// Unique in the execution.
    pub name: String,
    /// Steps that must have succeeded before it.
    #[serde(default)]
    pub needs: Vec<String>,
    /// The condition in whose branch it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<Branch>,
    /// The step in the dialect's own form.
    pub body: Value,
    /// When it is tried again after a failure; the first rule that names the failure counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retries: Vec<RetryRule>,
    /// How old an equal step's result may be to answer for it; unset never takes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<Span>,
}

/// A branch of a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// The step that decides.
    pub condition: String,
    /// The answer for which the branch is taken.
    pub when: bool,
}

/// Why an activity did not succeed, as far as another try depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// The request could not be taken right now.
    Service,
    /// Too many requests.
    Throttled,
    /// A quota is spent.
    Quota,
    /// No machine could be had.
    Capacity,
    /// What ran it failed or lost it.
    Internal,
    /// The request or the user's code is at fault.
    Own,
}

/// When a failed step is tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RetryRule {
    /// After these failures.
    pub classes: Vec<FailureClass>,
    /// Pause before the second try.
    pub interval: Span,
    /// By what the pause grows with each further try, in thousandths.
    pub growth: u32,
    /// Tries in all, the first one included; unset is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// No further try so long after the step began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Span>,
}

/// What a step is doing or did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Work {
    /// Something that the dialect makes and observes.
    Activity {
        /// Of which kind, in the dialect's word.
        activity: String,
        /// Its name, made of execution, step and attempt.
        name: String,
        /// What is asked for.
        request: Value,
        /// What came back when it was made; unset until then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle: Option<Value>,
        /// Under which its result is remembered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cache_key: Option<String>,
    },
    /// An answer that somebody else gives.
    Answer {
        /// The token by which it is given.
        token: String,
        /// In the dialect's own form.
        detail: Value,
    },
    /// A decision.
    Choice {
        /// How it fell.
        holds: bool,
    },
    /// The end of the execution.
    Fail,
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum StepEnding {
    /// Well.
    Succeeded {
        /// What later steps refer to, in the dialect's own form.
        result: Value,
        /// Whose result it is.
        origin: Origin,
    },
    /// Not well.
    Failed {
        /// Why.
        reason: String,
    },
    /// Stopped on request.
    Stopped,
}

/// Whose result a step has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Origin {
    /// Its own.
    Own,
    /// An equal step's of an earlier execution.
    Cached {
        /// Which execution.
        execution: String,
    },
    /// Taken over from the execution that a selective one builds on; the step is none of this one.
    TakenOver {
        /// Which execution.
        execution: String,
    },
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum StepState {
    /// Not begun, or to be tried again.
    Waiting {
        /// Tries that are over.
        #[serde(default)]
        tries: u32,
        /// Not before this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
        /// When the first try began.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// Under way. What it does was stored before anybody heard of it.
    Running {
        /// When the first try began.
        since: Timestamp,
        /// Tries that are over.
        tries: u32,
        /// What it does.
        work: Work,
    },
    /// Over.
    Over {
        /// When the first try began.
        since: Timestamp,
        /// When it ended.
        at: Timestamp,
        /// Tries that are over.
        tries: u32,
        /// What it did; unset when it never came to it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        work: Option<Work>,
        /// How it ended.
        ending: StepEnding,
    },
    /// Not done: a condition chose otherwise.
    Skipped,
}

impl Default for StepState {
    fn default() -> Self {
        Self::Waiting {
            tries: 0,
            not_before: None,
            since: None,
        }
    }
}

impl StepState {
    /// The result of a step that succeeded.
    pub fn result(&self) -> Option<&Value> {
        match self {
            Self::Over {
                ending: StepEnding::Succeeded { result, .. },
                ..
            } => Some(result),
            _ => None,
        }
    }

    /// How a condition fell.
    pub fn choice(&self) -> Option<bool> {
        match self {
            Self::Over {
                work: Some(Work::Choice { holds }),
                ending: StepEnding::Succeeded { .. },
                ..
            } => Some(*holds),
            _ => None,
        }
    }

    /// The token of an answer that is waited for.
    pub fn token(&self) -> Option<&str> {
        match self {
            Self::Running {
                work: Work::Answer { token, .. },
                ..
            } => Some(token),
            _ => None,
        }
    }
}

/// Where an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExecutionPhase {
    /// Steps are being done.
    Running,
    /// A stop was asked for.
    Stopping,
    /// All chosen steps succeeded.
    Succeeded,
    /// A step failed.
    Failed,
    /// Stopped on request.
    Stopped,
}

impl ExecutionPhase {
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

    /// Whether nothing more happens by itself.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// One execution of a graph, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Unique in the workspace.
    pub id: String,
    /// Scope.
    pub workspace: Workspace,
    /// The dialect that knows what the steps ask for.
    pub dialect: String,
    /// What it is an execution of; executions of one graph share a cache.
    pub graph: String,
    /// What the dialect needs to act as whoever started it.
    pub actor: Value,
    /// Parameters, names and what else the dialect wants back, in its own form.
    pub document: Value,
    /// The steps.
    pub steps: Vec<GraphStep>,
    /// Steps under way at once; 0 is no limit.
    pub parallelism: u32,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it last changed.
    pub modified: Timestamp,
    /// Where it stands.
    pub phase: ExecutionPhase,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// State of each step.
    pub states: BTreeMap<String, StepState>,
}

impl Execution {
    /// The step of a name.
    pub fn step(&self, name: &str) -> Option<&GraphStep> {
        self.steps.iter().find(|step| step.name == name)
    }
}
