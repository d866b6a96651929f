//! A job: one execution of user code with inputs and outputs, and the states it moves through.

mod ended;
mod phase;

pub use crate::checkpoints::Checkpoints;
pub use ended::{Artifacts, BrokenLimit, Ending, Exit, Failure, FailureKind, Outcome, Usage};
pub use phase::{After, Phase, Placement};

use crate::Network;
use crate::environment::Environment;
use crate::expected::Expected;
use crate::foreign::Foreign;
use crate::metric::{Finite, MetricPattern};
use crate::pipe::Pipe;
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
    /// Inputs that user code reads as streams, at `/opt/ml/input/data/<channel>_<epoch>`, epochs
    /// counted from 0.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pipes: BTreeMap<String, Pipe>,
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
    #[serde(default, skip_serializing_if = "Network::is_open")]
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
            pipes: BTreeMap::new(),
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
