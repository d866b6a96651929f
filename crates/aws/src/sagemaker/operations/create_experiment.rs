//! `CreateExperiment`: makes a name under which trials are gathered.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, EXPERIMENT, New};
use crate::sagemaker::names;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) struct CreateExperiment;

impl Operation for CreateExperiment {
    const NAME: &'static str = "CreateExperiment";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ExperimentName")?;
        names::check("ExperimentName", &name, 120)?;
        let new = New {
            kind: &EXPERIMENT,
            id: &name,
            parent: None,
            labels: BTreeMap::new(),
            request: input,
        };
        entities::create(call, new).await
    }
}
