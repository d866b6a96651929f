//! `DescribeTrialComponent`: a component or a job as one, with the figures of its metrics.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::experiments::components;
use serde_json::Value;

pub(crate) struct DescribeTrialComponent;

impl Operation for DescribeTrialComponent {
    const NAME: &'static str = "DescribeTrialComponent";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "TrialComponentName")?;
        let found = components::require(call, &name).await?;
        components::described(call, &found).await
    }
}
