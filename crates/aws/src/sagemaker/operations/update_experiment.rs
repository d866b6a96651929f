//! `UpdateExperiment`: changes an experiment.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, EXPERIMENT};
use serde_json::Value;

pub(crate) struct UpdateExperiment;

impl Operation for UpdateExperiment {
    const NAME: &'static str = "UpdateExperiment";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ExperimentName")?;
        let mut found = entities::require(call, &EXPERIMENT, &name).await?;
        entities::update(call, &EXPERIMENT, &mut found, &input).await
    }
}
