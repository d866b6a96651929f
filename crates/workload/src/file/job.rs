//! A job, and the file that is a single one.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{Environment, Expected, Limits, OneOrMore, Policy, Resources, Text};

/// A file that is one job.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct SingleJob {
    /// Its name; runs of one name share a history and a cache.
    pub(crate) name: Text,
    /// Values that the rest of the file reads as ${parameters.x}; `--set x=…` changes them. One
    /// without a value must be given.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, Value>,
    /// The job.
    #[serde(flatten)]
    pub(crate) job: Job,
    /// Registers what the job leaves in its model folder.
    pub(crate) model: Option<Model>,
    /// Puts the new model version behind an endpoint.
    pub(crate) endpoint: Option<Endpoint>,
}

/// One execution of code.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
#[serde(default)]
pub(crate) struct Job {
    /// A Python file of this folder; hyperparameters reach it as `--name value`.
    pub(crate) script: Option<Text>,
    /// A command instead of a script: a list of program and arguments, or one shell line.
    pub(crate) command: Option<OneOrMore>,
    /// Arguments of the script, before the hyperparameters.
    pub(crate) arguments: Vec<Text>,
    /// What the code runs in.
    pub(crate) environment: Option<Environment>,
    /// Data by channel: a path in this folder, s3://, gs://, abfss://, package:// (what a package of
    /// the environment brings), or ${steps.x.outputs.y}.
    pub(crate) inputs: BTreeMap<String, OneOrMore>,
    /// Named folders that are kept besides the model folder.
    pub(crate) outputs: Vec<Text>,
    /// Hyperparameters.
    pub(crate) hyperparameters: BTreeMap<String, Text>,
    /// What the job needs.
    pub(crate) resources: Resources,
    /// What it may not exceed.
    pub(crate) limits: Limits,
    /// Patterns that find metrics in what the code prints, besides `name=number` and JSON lines.
    pub(crate) metrics: Vec<Metric>,
    /// What the owner demands.
    pub(crate) policy: Policy,
    /// What the owner expects of it: time, data, checkpoints.
    pub(crate) expected: Expected,
    /// Environment variables.
    pub(crate) env: BTreeMap<String, Text>,
    /// Free labels.
    pub(crate) tags: BTreeMap<String, Text>,
    /// Time between the request to stop and the kill: 10s.
    pub(crate) grace: Option<Text>,
    /// Whether an equal step of an earlier run may answer for this one; true unless given.
    pub(crate) cache: Option<bool>,
}

/// A metric that is found by a regular expression.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Metric {
    /// Its name.
    pub(crate) name: Text,
    /// A regular expression whose first group is the number.
    pub(crate) regex: Text,
}

/// The model that a single job makes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Model {
    /// The name it is registered under.
    pub(crate) name: Text,
    /// A Python file of this folder that answers predictions; not needed for scikit-learn models
    /// in joblib or pickle form.
    pub(crate) handler: Option<Text>,
    /// Approve the new version at once; true unless given.
    pub(crate) approve: Option<bool>,
    /// Aliases that point to the new version.
    #[serde(default)]
    pub(crate) aliases: Vec<Text>,
}

/// The endpoint that a single job's model is deployed to.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Endpoint {
    /// Its name.
    pub(crate) name: Text,
    /// Workers; 1 unless given.
    pub(crate) replicas: Option<Text>,
    /// A JSON file of this folder that is then sent as a first prediction.
    pub(crate) sample: Option<Text>,
    /// The new version on probation where another answers already; unset keeps the endpoint's rules.
    pub(crate) canary: Option<super::Canary>,
    /// Per cent of the requests that the new version gets as copies, whose answers nobody gets.
    pub(crate) shadow: Option<Text>,
    /// What makes requests reach the same version: `header:NAME`, `cookie:NAME` or `field:NAME`.
    pub(crate) sticky: Option<Text>,
    /// Most memory of one worker; unset keeps the endpoint's limit.
    pub(crate) memory: Option<Text>,
    /// What of the network the workers reach: `none`, `loopback` or `open`; unset keeps the endpoint's.
    pub(crate) network: Option<Text>,
    /// Whether a prediction is made again when its worker ended in the middle of it: `once` or
    /// `never`; unset keeps the endpoint's.
    pub(crate) retry: Option<Text>,
}
