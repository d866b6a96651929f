//! A file that is a pipeline, and its steps.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{Environment, Job, OneOrMore, Policy, Text};

/// A file of several steps.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Pipeline {
    /// Its name; runs of one name share a history and a cache.
    pub(crate) name: Text,
    /// Values that the rest of the file reads as ${parameters.x}; `--set x=…` changes them. One
    /// without a value must be given.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, Value>,
    /// The environment of every job that has none of its own.
    pub(crate) environment: Option<Environment>,
    /// Environment variables of every job.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, Text>,
    /// What the owner demands of the run as a whole.
    #[serde(default)]
    pub(crate) policy: Policy,
    /// Free labels.
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, Text>,
    /// The steps by name. A step waits for those that it refers to and for those it needs.
    pub(crate) steps: Steps,
}

/// The steps in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Steps(pub(crate) Vec<(String, Step)>);

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Steps;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map of steps")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Steps, A::Error> {
                let mut steps = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    steps.push(entry);
                }
                Ok(Steps(steps))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl JsonSchema for Steps {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Steps".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": generator.subschema_for::<Step>(),
        })
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    /// Steps that must have succeeded before this one.
    pub(crate) needs: OneOrMore,
    /// Does the step once for each item.
    pub(crate) for_each: Option<ForEach>,
    /// What it does.
    pub(crate) action: StepAction,
}

/// What a step does. The job's own keys may also stand directly in the step.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StepAction {
    /// `key` is where the job's keys stand: `job`, `evaluate`, or directly in the step.
    Job {
        key: Option<&'static str>,
        job: Box<Job>,
    },
    Condition(Condition),
    Register(Register),
    Deploy(Box<Deploy>),
    Predict(Predict),
    Fail(Fail),
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut keys = Map::deserialize(deserializer)?;
        let needs = optional(keys.remove("needs"))?.unwrap_or_default();
        let for_each = optional(keys.remove("for-each"))?;
        let action = if let Some(job) = optional(keys.remove("job"))? {
            StepAction::Job {
                key: Some("job"),
                job,
            }
        } else if let Some(job) = optional(keys.remove("evaluate"))? {
            StepAction::Job {
                key: Some("evaluate"),
                job,
            }
        } else if let Some(condition) = optional(keys.remove("condition"))? {
            StepAction::Condition(condition)
        } else if let Some(register) = optional(keys.remove("register"))? {
            StepAction::Register(register)
        } else if let Some(deploy) = optional(keys.remove("deploy"))? {
            StepAction::Deploy(deploy)
        } else if let Some(predict) = optional(keys.remove("predict"))? {
            StepAction::Predict(predict)
        } else if let Some(fail) = optional(keys.remove("fail"))? {
            StepAction::Fail(fail)
        } else {
            let job = serde_json::from_value(Value::Object(keys)).map_err(D::Error::custom)?;
            StepAction::Job { key: None, job }
        };
        Ok(Self {
            needs,
            for_each,
            action,
        })
    }
}

fn optional<T: DeserializeOwned, E: Error>(value: Option<Value>) -> Result<Option<T>, E> {
    value
        .map(serde_json::from_value)
        .transpose()
        .map_err(E::custom)
}

/// What may stand in every step.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used; `Step` is what is read")]
struct Common {
    /// Steps that must have succeeded before this one.
    #[serde(default)]
    needs: OneOrMore,
    /// Does the step once for each item.
    #[serde(default, rename = "for-each")]
    for_each: Option<ForEach>,
}

macro_rules! step_form {
    ($form:ident, $key:ident, $content:ty, $meaning:literal) => {
        #[doc = $meaning]
        #[derive(JsonSchema)]
        #[schemars(transform = super::close)]
        #[expect(dead_code, reason = "only its schema is used; `Step` is what is read")]
        struct $form {
            #[serde(flatten)]
            common: Common,
            #[doc = $meaning]
            $key: $content,
        }
    };
}

step_form!(JobStep, job, Job, "Runs code.");
step_form!(
    EvaluateStep,
    evaluate,
    Job,
    "Runs code whose metrics and outputs others look at."
);
step_form!(
    ConditionStep,
    condition,
    Condition,
    "Chooses which steps are done."
);
step_form!(
    RegisterStep,
    register,
    Register,
    "Makes a model version of what a job left."
);
step_form!(
    DeployStep,
    deploy,
    Deploy,
    "Puts a model version behind an endpoint."
);
step_form!(
    PredictStep,
    predict,
    Predict,
    "Sends a payload to an endpoint."
);
step_form!(FailStep, fail, Fail, "Ends the run as failed.");

/// Runs code; short for `job`.
#[derive(JsonSchema)]
#[schemars(transform = super::close)]
#[expect(dead_code, reason = "only its schema is used; `Step` is what is read")]
struct InlineStep {
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    job: Job,
}

impl JsonSchema for Step {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                generator.subschema_for::<InlineStep>(),
                generator.subschema_for::<JobStep>(),
                generator.subschema_for::<EvaluateStep>(),
                generator.subschema_for::<ConditionStep>(),
                generator.subschema_for::<RegisterStep>(),
                generator.subschema_for::<DeployStep>(),
                generator.subschema_for::<PredictStep>(),
                generator.subschema_for::<FailStep>(),
            ],
        })
    }
}

/// A loop.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct ForEach {
    /// A list, or an expression that gives one, such as ${parameters.sizes}.
    pub(crate) items: Value,
    /// Another name for ${item}.
    #[serde(rename = "as")]
    pub(crate) name: Option<Text>,
    /// How many at once; all unless given.
    pub(crate) parallelism: Option<Text>,
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Condition {
    /// What is asked: ${steps.evaluate.metrics.accuracy} >= 0.9
    #[serde(rename = "if")]
    pub(crate) test: Text,
    /// Steps that are done only when it holds.
    #[serde(default)]
    pub(crate) then: OneOrMore,
    /// Steps that are done only when it does not hold.
    #[serde(default, rename = "else")]
    pub(crate) otherwise: OneOrMore,
}

/// A registration.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Register {
    /// The model's name.
    pub(crate) model: Text,
    /// What a job left: ${steps.train.model}, or ${steps.train.best(accuracy)} of a loop.
    pub(crate) from: Text,
    /// A Python file of this folder that answers predictions.
    pub(crate) handler: Option<Text>,
    /// Approve the new version at once; false unless given.
    #[serde(default)]
    pub(crate) approve: bool,
    /// Aliases that point to the new version.
    #[serde(default)]
    pub(crate) aliases: Vec<Text>,
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Deploy {
    /// The endpoint; made when it is not there.
    pub(crate) endpoint: Text,
    /// ${steps.register.version}, `model:version`, `model@alias`, or a model's name (newest).
    pub(crate) model: Text,
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

/// A prediction.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Predict {
    /// The endpoint.
    pub(crate) endpoint: Text,
    /// A JSON file of this folder that is sent.
    pub(crate) sample: Option<Text>,
    /// What is sent, written here.
    pub(crate) payload: Option<Value>,
}

/// An end.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[schemars(transform = super::close)]
pub(crate) struct Fail {
    /// Why; may hold expressions.
    pub(crate) message: Text,
}
