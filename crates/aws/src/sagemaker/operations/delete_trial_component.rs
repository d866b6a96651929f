//! `DeleteTrialComponent`: deletes a component that is in no trial, with its metrics.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::experiments::components;
use serde_json::Value;

pub(crate) struct DeleteTrialComponent;

impl Operation for DeleteTrialComponent {
    const NAME: &'static str = "DeleteTrialComponent";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "TrialComponentName")?;
        components::delete(call, &name).await
    }
}
