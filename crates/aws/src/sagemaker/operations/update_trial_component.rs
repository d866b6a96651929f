//! `UpdateTrialComponent`: adds parameters and artifacts, and sets how a component stands.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::experiments::components;
use serde_json::Value;

pub(crate) struct UpdateTrialComponent;

impl Operation for UpdateTrialComponent {
    const NAME: &'static str = "UpdateTrialComponent";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "TrialComponentName")?;
        components::update(call, &name, &input).await
    }
}
