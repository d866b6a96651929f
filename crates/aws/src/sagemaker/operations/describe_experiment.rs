//! `DescribeExperiment`: an experiment, as it was made and changed.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, EXPERIMENT};
use serde_json::Value;

pub(crate) struct DescribeExperiment;

impl Operation for DescribeExperiment {
    const NAME: &'static str = "DescribeExperiment";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ExperimentName")?;
        let found = entities::require(call, &EXPERIMENT, &name).await?;
        Ok(found.described(call, &EXPERIMENT))
    }
}
