//! A job: one execution of user code with inputs and outputs, and the states it moves through.

pub use crate::checkpoints::Checkpoints;

use crate::environment::Environment;
use crate::expected::Expected;
use crate::foreign::Foreign;
use crate::function::Network;
use crate::metric::{Finite, MetricPattern};
use crate::policy::Policy;
use crate::resources::{Limits, Resources};
use crate::{JobId, RunId, Span, StepPath, TicketId, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Entry {
    /// A Python file of the code folder, run by the environment's interpreter with the
    /// hyperparameters as `--name value`.
    Script {
        /// Relative to the code folder.
        path: String,
        /// Arguments before the hyperparameters.
        #[serde(default)]
        arguments: Vec<String>,
    },
    /// A command line, run as it stands; hyperparameters reach it by the environment only.
    Command {
        /// Program and arguments.
        argv: Vec<String>,
    },
}

/// Code as it was packed: an archive in the object store, named by what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CodeArchive {
    /// Where the archive is (`s3://…`).
    pub location: String,
    /// SHA-256 over names and contents, in hexadecimal: equal code has equal hashes however and
    /// wherever it was packed.
    pub content_hash: String,
}

/// A copy of the model folder or of an output, made when the job has ended well, as the clouds'
/// training services leave it in their caller's bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Delivery {
    /// `model`, `output` (the common output folder), or the name of an output.
    pub output: String,
    /// The prefix that it is put below (`s3://bucket/prefix/`).
    pub to: String,
    /// Packed into one gzip-compressed tar of this name, and made even when the folder is empty;
    /// unset means file by file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<String>,
    /// The key of the local key ring that it is encrypted with; unset leaves it to the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What a job shall do. Texts may hold `${…}` expressions while it is a pipeline's template; a
/// job that exists has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct JobSpec {
    /// What is started.
    pub entry: Entry,
    /// The code folder; unset when the command needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeArchive>,
    /// What it runs in.
    #[serde(default)]
    pub environment: Environment,
    /// Channel to locations. One location is staged as the channel's folder itself, several as
    /// numbered folders `0`, `1`, … in it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Vec<String>>,
    /// Named folders that are collected besides the model and output folders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
    /// Inputs of which each host of a gang gets a part of the files: the first host the first of
    /// them, the second host the second, and so round. Every host gets all of the others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sharded: Vec<String>,
    /// Inputs whose location is a list of the files and not the files: a JSON array of which the
    /// first entry is `{"prefix": "s3://…"}` and the others are keys relative to it (SageMaker's
    /// `ManifestFile`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub manifests: Vec<String>,
    /// Media types of inputs, as their owner says them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub media: BTreeMap<String, String>,
    /// Where user code expects an input: below `/opt/ml/`, or relative to the code folder.
    /// Inputs that are not named here are at `/opt/ml/input/data/<channel>`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub input_paths: BTreeMap<String, String>,
    /// Where user code leaves an output, in the same form. Outputs that are not named here are
    /// left at `/opt/ml/output/<name>`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub output_paths: BTreeMap<String, String>,
    /// Copies of what the job leaves, at places that its owner chose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<Delivery>,
    /// What is kept while it runs, so that another attempt goes on from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<Checkpoints>,
    /// Hyperparameters in the order of their names, as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hyperparameters: BTreeMap<String, String>,
    /// Variables of the process.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What of the network it may reach.
    #[serde(default, skip_serializing_if = "is_open")]
    pub network: Network,
    /// What it needs.
    #[serde(default)]
    pub resources: Resources,
    /// What it may not exceed.
    #[serde(default)]
    pub limits: Limits,
    /// What its owner demands.
    #[serde(default)]
    pub policy: Policy,
    /// What its owner expects of it.
    #[serde(default, skip_serializing_if = "Expected::is_empty")]
    pub expected: Expected,
    /// Patterns of printed metrics, besides the forms that are always read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricPattern>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Time between SIGTERM and SIGKILL; 120 s on SageMaker, 10 s here unless given.
    #[serde(default = "default_grace")]
    pub grace: Span,
    /// Whether an equal step of an earlier run may answer for it.
    #[serde(default = "yes")]
    pub cache: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_open(network: &Network) -> bool {
    *network == Network::Open
}

fn default_grace() -> Span {
    Span::seconds(10)
}

fn yes() -> bool {
    true
}

impl JobSpec {
    /// A job that starts `entry` and asks for nothing else.
    pub fn new(entry: Entry) -> Self {
        Self {
            entry,
            code: None,
            environment: Environment::default(),
            inputs: BTreeMap::new(),
            outputs: Vec::new(),
            sharded: Vec::new(),
            manifests: Vec::new(),
            media: BTreeMap::new(),
            input_paths: BTreeMap::new(),
            output_paths: BTreeMap::new(),
            deliveries: Vec::new(),
            checkpoints: None,
            hyperparameters: BTreeMap::new(),
            env: BTreeMap::new(),
            network: Network::default(),
            resources: Resources::default(),
            limits: Limits::default(),
            policy: Policy::default(),
            expected: Expected::default(),
            metrics: Vec::new(),
            tags: BTreeMap::new(),
            grace: default_grace(),
            cache: true,
        }
    }
}

/// What the running process tree used.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(default)]
pub struct Usage {
    /// CPU time of all processes.
    pub cpu: Span,
    /// Peak resident memory of the tree, in bytes.
    pub peak_memory: u64,
    /// From the first line of user code to the exit.
    pub wall: Span,
}

/// Which limit a job broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BrokenLimit {
    /// Resident memory.
    Memory,
    /// Wall clock.
    WallClock,
    /// Number of processes.
    Processes,
    /// Bytes in its folder, or the machine's disk is full.
    Disk,
}

/// Why an attempt did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// User code ended with an error.
    UserCode,
    /// A limit was broken.
    Limit(BrokenLimit),
    /// The environment could not be made.
    Environment,
    /// An input could not be had.
    Input,
    /// An output could not be kept.
    Output,
    /// The place that ran it lost it: a reboot, a killed supervisor, capacity taken back.
    Lost,
    /// No place may take it.
    Unplaceable,
    /// The provider refused it.
    Provider,
}

impl FailureKind {
    /// Whether another attempt of the same thing could end otherwise.
    pub fn may_be_retried(&self) -> bool {
        !matches!(self, Self::Unplaceable)
    }
}

/// A failure as it is told to people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Failure {
    /// Of which kind.
    pub kind: FailureKind,
    /// One paragraph: what, where, what to do.
    pub message: String,
    /// File of the user's code that raised, relative to the code folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in that file, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Exit code of the process, when it ended by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Ending {
    /// The user code ended well.
    Completed,
    /// It did not.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// It was stopped on request.
    Stopped,
}

/// The record of an attempt that has ended, as the provider tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Exit {
    /// How.
    pub ending: Ending,
    /// When user code began; unset when it never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Timestamp,
    /// What it used.
    #[serde(default)]
    pub usage: Usage,
    /// Things to know that are no failures: a nearest version taken, log lines dropped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What a job left behind in the object store.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Artifacts {
    /// The model folder's prefix (`s3://…/model/`); unset when the job left no model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Named outputs to their prefixes; `output` is the common output folder.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, String>,
    /// SHA-256 over names and contents per artifact (`model` or the output's name).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hashes: BTreeMap<String, String>,
    /// Bytes in all.
    pub bytes: u64,
}

/// The end of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Outcome {
    /// Done; its artifacts are kept.
    Succeeded {
        /// What it left.
        artifacts: Artifacts,
    },
    /// Given up.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// Stopped on request.
    Stopped,
}

/// Where an attempt runs and by which plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Placement {
    /// `local`, `kubernetes`, …
    pub provider: String,
    /// Region or site; `here` for this machine.
    pub region: String,
    /// Zone of the region; unset where any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Machine type by the provider's name.
    pub machine_type: String,
    /// How it is bought; unset means on demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase: Option<crate::policy::PurchaseKind>,
    /// Price per hour that the plan assumed.
    pub hourly_price: crate::Money,
    /// Hash of the plan that chose it; the plan is kept beside the job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

/// What follows once an attempt's remains are cleared away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum After {
    /// Another attempt.
    Retry {
        /// Not before this.
        at: Timestamp,
    },
    /// The end.
    End {
        /// Which.
        outcome: Outcome,
    },
}

/// The state of a job. Only live phases hold a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "phase")]
pub enum Phase {
    /// Waits for its turn.
    Queued {
        /// Back-off of a repetition.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<Timestamp>,
    },
    /// The ticket is stored; the provider may or may not have heard of it.
    Starting {
        /// Of the current attempt.
        ticket: TicketId,
        /// Where.
        placement: Placement,
    },
    /// The provider has it.
    Running {
        /// Of the current attempt.
        ticket: TicketId,
        /// Where.
        placement: Placement,
        /// Since user code began; unset while it is prepared.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
        /// What is being prepared: `environment`, `inputs`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        preparing: Option<String>,
    },
    /// User code ended; its log, metrics and, when it ended well, its outputs are being kept.
    Collecting {
        /// Of the current attempt.
        ticket: TicketId,
        /// Where.
        placement: Placement,
        /// How it ended.
        exit: Exit,
    },
    /// The outcome is certain; the provider is clearing the attempt away.
    Cleaning {
        /// Of the ended attempt.
        ticket: TicketId,
        /// Where.
        placement: Placement,
        /// What follows.
        after: After,
    },
    /// Over.
    Ended {
        /// How.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
}

impl Phase {
    /// The ticket of the live attempt.
    pub fn ticket(&self) -> Option<&TicketId> {
        match self {
            Self::Starting { ticket, .. }
            | Self::Running { ticket, .. }
            | Self::Collecting { ticket, .. }
            | Self::Cleaning { ticket, .. } => Some(ticket),
            Self::Queued { .. } | Self::Ended { .. } => None,
        }
    }

    /// Where the live attempt is.
    pub fn placement(&self) -> Option<&Placement> {
        match self {
            Self::Starting { placement, .. }
            | Self::Running { placement, .. }
            | Self::Collecting { placement, .. }
            | Self::Cleaning { placement, .. } => Some(placement),
            Self::Queued { .. } | Self::Ended { .. } => None,
        }
    }

    /// The outcome as soon as it is certain.
    pub fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Cleaning {
                after: After::End { outcome },
                ..
            }
            | Self::Ended { outcome, .. } => Some(outcome),
            _ => None,
        }
    }

    /// One word for lists and filters.
    pub fn word(&self) -> &'static str {
        match (self, self.outcome()) {
            (_, Some(Outcome::Succeeded { .. })) => "succeeded",
            (_, Some(Outcome::Failed { .. })) => "failed",
            (_, Some(Outcome::Stopped)) => "stopped",
            (Self::Queued { .. }, _) => "queued",
            (Self::Starting { .. } | Self::Running { since: None, .. }, _) => "starting",
            (Self::Running { .. }, _) => "running",
            (Self::Collecting { .. }, _) => "collecting",
            (Self::Cleaning { .. }, _) => "retrying",
            (Self::Ended { .. }, None) => "ended",
        }
    }
}

/// One attempt that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Attempt {
    /// Its ticket.
    pub ticket: TicketId,
    /// Where it ran.
    pub placement: Placement,
    /// How it ended.
    pub exit: Exit,
}

/// The step of a run that a job executes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StepOf {
    /// The run.
    pub run: RunId,
    /// The step.
    pub path: StepPath,
}

/// A job as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Scope.
    pub workspace: Workspace,
    /// What it shall do.
    pub spec: JobSpec,
    /// The run it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepOf>,
    /// What the foreign API that made it wants back to the letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<Foreign>,
    /// When it was asked for.
    pub created: Timestamp,
    /// Where it stands.
    pub phase: Phase,
    /// Attempts that are over, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// When its stop was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_requested: Option<Timestamp>,
    /// Latest value of each metric that it reported.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, Finite>,
}

impl Job {
    /// A job that was just asked for.
    pub fn new(id: JobId, workspace: Workspace, spec: JobSpec, created: Timestamp) -> Self {
        Self {
            id,
            workspace,
            spec,
            step: None,
            foreign: None,
            created,
            phase: Phase::Queued { not_before: None },
            attempts: Vec::new(),
            stop_requested: None,
            metrics: BTreeMap::new(),
        }
    }

    /// The ticket that the next attempt will have.
    pub fn next_ticket(&self) -> TicketId {
        TicketId::of_attempt(&self.workspace, &self.id, self.attempts.len() as u32 + 1)
    }
}
