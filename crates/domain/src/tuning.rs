//! Hyperparameter tuning: a search over a space of values by trials that report an objective.

use crate::metric::Finite;
use crate::{Span, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How a range is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// Evenly.
    Linear,
    /// Evenly in the logarithm: for values above 0.
    Logarithmic,
    /// Evenly in the logarithm of the distance to 1: for values of at least 0 and below 1.
    ReverseLogarithmic,
}

/// The values of one hyperparameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Range {
    /// One of a list of texts.
    Categorical {
        /// The texts; at least one.
        values: Vec<String>,
    },
    /// A whole number.
    Integer {
        /// Least.
        min: i64,
        /// Greatest.
        max: i64,
        /// How it is looked at.
        scale: Scale,
    },
    /// A number.
    Continuous {
        /// Least.
        min: Finite,
        /// Greatest.
        max: Finite,
        /// How it is looked at.
        scale: Scale,
    },
}

/// One hyperparameter that is searched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Its values.
    pub range: Range,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// More.
    Maximize,
    /// Less.
    Minimize,
}

impl Goal {
    /// Whether `value` is better than `other`.
    pub fn is_better(self, value: f64, other: f64) -> bool {
        match self {
            Self::Maximize => value > other,
            Self::Minimize => value < other,
        }
    }
}

/// How values are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Strategy {
    /// By chance.
    Random,
    /// Every combination once; categorical values only.
    Grid,
    /// By a Gaussian process over what was seen.
    Bayesian,
    /// By chance, and trials that fall behind are stopped at rungs of reports
    /// (Li et al., <https://arxiv.org/abs/1603.06560> and <https://arxiv.org/abs/1810.05934>).
    Hyperband {
        /// Reports before the first rung of the most eager bracket.
        min_resource: u32,
        /// Reports that no trial has to exceed.
        max_resource: u32,
    },
}

/// What was seen of a point of the space.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenPoint {
    /// The values as texts.
    pub values: BTreeMap<String, String>,
    /// The objective.
    pub objective: Finite,
}

/// What is searched and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TuningSpec {
    /// The space.
    pub space: Vec<Dimension>,
    /// The metric that trials report.
    pub metric: String,
    /// Which way is better.
    pub goal: Goal,
    /// How values are proposed.
    pub strategy: Strategy,
    /// Trials in all.
    pub trials: u32,
    /// Trials at once.
    pub parallel: u32,
    /// Whether trials that fall behind the median are stopped.
    pub stop_early: bool,
    /// No new trial so long after the beginning; those under way are stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest: Option<Span>,
    /// An objective that is good enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Finite>,
    /// Trials without a better one after which it is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_improving: Option<u32>,
    /// Equal seeds give equal proposals for equal observations.
    pub seed: u64,
    /// What earlier searches saw of the same space.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prior: Vec<SeenPoint>,
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum TrialEnding {
    /// Well.
    Completed,
    /// Not well.
    Failed {
        /// Why.
        reason: String,
    },
    /// Stopped by the search, because it fell behind.
    StoppedEarly,
    /// Stopped for another reason.
    Stopped,
}

/// Where a trial stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum TrialState {
    /// Under way.
    Running {
        /// What came back when it was made; unset until then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        handle: Option<Value>,
        /// Whether the search has decided to stop it.
        #[serde(default)]
        stopping: bool,
    },
    /// Over.
    Over {
        /// How.
        ending: TrialEnding,
        /// When that was seen.
        at: Timestamp,
    },
}

/// One trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Counted from 1.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// The values that were proposed, as texts.
    pub values: BTreeMap<String, String>,
    /// When it was proposed.
    pub created: Timestamp,
    /// Where it stands.
    pub state: TrialState,
    /// The objective as it was reported last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Finite>,
    /// Its first reports, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reports: Vec<Finite>,
}

impl Trial {
    /// Whether it is under way.
    pub fn is_running(&self) -> bool {
        matches!(self.state, TrialState::Running { .. })
    }

    /// How it ended.
    pub fn ending(&self) -> Option<&TrialEnding> {
        match &self.state {
            TrialState::Over { ending, .. } => Some(ending),
            TrialState::Running { .. } => None,
        }
    }
}

/// Where a search stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TuningPhase {
    /// Trials are being done.
    Running,
    /// Enough was seen; what is under way is being stopped.
    Finishing,
    /// A stop was asked for; what is under way is being stopped.
    Stopping,
    /// Done.
    Succeeded,
    /// No trial gave an objective.
    Failed,
    /// Stopped on request.
    Stopped,
}

impl TuningPhase {
    /// One word for lists and filters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running | Self::Finishing => "running",
            Self::Stopping => "stopping",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// Whether nothing more happens.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Stopped)
    }
}

/// A search, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// Unique in the workspace.
    pub id: String,
    /// Scope.
    pub workspace: Workspace,
    /// The dialect that makes the trials.
    pub dialect: String,
    /// The dialect's word for a trial.
    pub kind: String,
    /// What the dialect needs to act as whoever asked.
    pub actor: Value,
    /// What was asked for, in the dialect's own form.
    pub document: Value,
    /// What all trials have in common, in the dialect's own form.
    pub template: Value,
    /// What is searched and how.
    pub spec: TuningSpec,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it last changed.
    pub modified: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// Where it stands.
    pub phase: TuningPhase,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// The trials by number.
    pub trials: Vec<Trial>,
}

impl Tuning {
    /// The trial with the best objective among those that completed, the earlier one of equals;
    /// among those that were stopped early when none completed.
    pub fn best(&self) -> Option<&Trial> {
        let among = |early: bool| {
            let fits = |trial: &&Trial| match trial.ending() {
                Some(TrialEnding::Completed) => !early,
                Some(TrialEnding::StoppedEarly) => early,
                _ => false,
            };
            let mut best: Option<(&Trial, f64)> = None;
            for trial in self.trials.iter().filter(fits) {
                let Some(value) = trial.objective.map(Finite::get) else {
                    continue;
                };
                if best.is_none_or(|(_, other)| self.spec.goal.is_better(value, other)) {
                    best = Some((trial, value));
                }
            }
            best.map(|(trial, _)| trial)
        };
        among(false).or_else(|| among(true))
    }
}
