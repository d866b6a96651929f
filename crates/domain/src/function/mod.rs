//! Functions: user code and a handler that answer events and HTTP requests, in the forms of the
//! three clouds.
//!
//! A function has one changeable configuration (`$LATEST`), numbered versions that never change,
//! and aliases that point to versions. What starts it by itself is its triggers.

mod alias;
mod check;
mod event;
mod trigger;

pub use crate::network::Network;
pub use alias::{Alias, Qualifier, Weighted};
pub use check::InvalidFunction;
pub use event::{Destination, EventPhase, FunctionEvent, Retries};
pub use trigger::{ApiPayload, FunctionSchedule, HttpAccess, Schedule, Trigger, TriggerKind};

use crate::environment::Environment;
use crate::job::CodeArchive;
use crate::{ByteSize, FunctionName, Span, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the user's code wants to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FunctionForm {
    /// AWS Lambda: `handler(event, context)`.
    Aws,
    /// Google Cloud Functions: a function of the user's `functions-framework`.
    Google,
    /// Azure Functions: `main(req)` with `function.json`, or a `FunctionApp` with decorators.
    Azure,
}

impl FunctionForm {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Google => "google",
            Self::Azure => "azure",
        }
    }
}

/// What runs the code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum FunctionRuntime {
    /// The embedded Python worker, in the function's environment.
    Python,
    /// The program `bootstrap` of the code (or of a layer), which speaks Lambda's Runtime API.
    Bootstrap,
    /// A command that speaks Lambda's Runtime API, such as `python -m awslambdaric app.handler`;
    /// `python` is the environment's.
    Command {
        /// Program and arguments.
        command: Vec<String>,
    },
}

/// How many instances there may be; each answers one call at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Scale {
    /// Kept warm on each server.
    pub min: u32,
    /// At most on each server; a further call is throttled. 0 answers nothing.
    pub max: u32,
    /// How long one that has nothing to do is kept.
    pub idle: Span,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            min: 0,
            max: 10,
            idle: Span::minutes(5),
        }
    }
}

/// A function as it is wanted. Defaults are AWS Lambda's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FunctionSpec {
    /// How it wants to be called.
    pub form: FunctionForm,
    /// Its code: a packed folder.
    pub code: CodeArchive,
    /// `module.function` on AWS, the function's name on Google Cloud; on Azure the folder of one
    /// function, or empty for all of the code.
    #[serde(default)]
    pub handler: String,
    /// What runs it.
    #[serde(default = "python")]
    pub runtime: FunctionRuntime,
    /// What it runs in.
    #[serde(default)]
    pub environment: Environment,
    /// Variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Most memory of an instance.
    #[serde(default = "usual_memory")]
    pub memory: ByteSize,
    /// Thousandths of a CPU for an instance; unset leaves it all that is free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milli_cpus: Option<u32>,
    /// Most time of a call.
    #[serde(default = "usual_timeout")]
    pub timeout: Span,
    /// Largest file below `/tmp`.
    #[serde(default = "usual_temporary")]
    pub temporary: ByteSize,
    /// Archives that are unpacked below `/opt`, the later over the earlier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
    /// How many instances.
    #[serde(default)]
    pub scale: Scale,
    /// What of the network it may reach.
    #[serde(default)]
    pub network: Network,
    /// Who may send requests to its own address, `/functions/<name>/`.
    #[serde(default)]
    pub address: HttpAccess,
    /// What calls it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Trigger>,
    /// What becomes of asynchronous calls.
    #[serde(default)]
    pub retries: Retries,
    /// The same for calls of a version or an alias that has its own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub qualified_retries: BTreeMap<String, Retries>,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// What a foreign API sent that the neutral form does not hold, kept to be given back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub foreign: BTreeMap<String, serde_json::Value>,
}

fn python() -> FunctionRuntime {
    FunctionRuntime::Python
}

fn usual_memory() -> ByteSize {
    ByteSize::mebibytes(128)
}

fn usual_timeout() -> Span {
    Span::seconds(3)
}

fn usual_temporary() -> ByteSize {
    ByteSize::mebibytes(512)
}

impl FunctionSpec {
    /// A Python function with Lambda's defaults.
    pub fn new(form: FunctionForm, code: CodeArchive, handler: impl Into<String>) -> Self {
        Self {
            form,
            code,
            handler: handler.into(),
            runtime: python(),
            environment: Environment::default(),
            env: BTreeMap::new(),
            memory: usual_memory(),
            milli_cpus: None,
            timeout: usual_timeout(),
            temporary: usual_temporary(),
            layers: Vec::new(),
            scale: Scale::default(),
            network: Network::default(),
            address: HttpAccess::default(),
            triggers: Vec::new(),
            retries: Retries::default(),
            qualified_retries: BTreeMap::new(),
            description: String::new(),
            tags: BTreeMap::new(),
            foreign: BTreeMap::new(),
        }
    }

    /// What becomes of asynchronous calls of a version.
    pub fn retries_of(&self, qualifier: &Qualifier) -> &Retries {
        let own = self.qualified_retries.get(&qualifier.to_string());
        own.unwrap_or(&self.retries)
    }

    /// Whether instances of `other` would be the same as ours: triggers, labels and numbers of
    /// instances may differ.
    pub fn same_instances(&self, other: &Self) -> bool {
        let mut other = other.clone();
        other.scale = self.scale.clone();
        other.triggers.clone_from(&self.triggers);
        other.address = self.address;
        other.retries = self.retries.clone();
        other.qualified_retries.clone_from(&self.qualified_retries);
        other.description.clone_from(&self.description);
        other.tags.clone_from(&self.tags);
        other.foreign.clone_from(&self.foreign);
        *self == other
    }
}

/// Where a function stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum FunctionPhase {
    /// Its code and environment are being made ready.
    Pending,
    /// It answers.
    Active,
    /// It cannot be made ready.
    Failed {
        /// One paragraph.
        message: String,
    },
}

impl FunctionPhase {
    /// One word for lists and filters.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Failed { .. } => "failed",
        }
    }
}

/// A function as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Function {
    /// Its name.
    pub name: FunctionName,
    /// Scope.
    pub workspace: Workspace,
    /// `$LATEST`.
    pub spec: FunctionSpec,
    /// Counts changes of the spec.
    pub generation: u64,
    /// The number of the newest published version; 0 before the first.
    pub last_version: u32,
    /// Where it stands.
    pub phase: FunctionPhase,
    /// What could not be had as it was asked for: a nearest version, a limit that this machine
    /// cannot enforce.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Why no instance could be started when it was deployed; each call tries anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When its spec last changed.
    pub updated: Timestamp,
}

/// A published version, which never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FunctionVersion {
    /// Of which function.
    pub function: FunctionName,
    /// Scope.
    pub workspace: Workspace,
    /// Counted from 1.
    pub version: u32,
    /// What it is.
    pub spec: FunctionSpec,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// When it was published.
    pub created: Timestamp,
}
