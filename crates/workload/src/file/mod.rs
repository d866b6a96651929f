//! The form of the file, exactly as it is written. The JSON Schema for editors is generated from
//! these types, and the checker that finds mistakes of form walks that same schema, so the two
//! cannot disagree.

mod environment;
mod expected;
mod job;
mod policy;
mod resources;
mod step;
mod text;
mod traffic;

pub(crate) use environment::{Environment, EnvironmentMap};
pub(crate) use expected::{DataAt, Expected};
pub(crate) use job::{Job, Metric, SingleJob};
pub(crate) use policy::{Policy, Retries};
pub(crate) use resources::{Accelerators, Limits, Resources};
pub(crate) use step::{Condition, Deploy, ForEach, Pipeline, Predict, Register, Step, StepAction};
pub(crate) use text::{OneOrMore, Text};
pub(crate) use traffic::Canary;

/// Closes a map: unknown keys are errors. An attribute of serde would do, but not together with
/// `flatten`.
pub(crate) fn close(schema: &mut schemars::Schema) {
    schema.insert("additionalProperties".to_owned(), false.into());
    schema.remove("unevaluatedProperties");
}
