//! `UpdateTrial`: changes a trial.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, TRIAL};
use serde_json::Value;

pub(crate) struct UpdateTrial;

impl Operation for UpdateTrial {
    const NAME: &'static str = "UpdateTrial";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "TrialName")?;
        let mut found = entities::require(call, &TRIAL, &name).await?;
        entities::update(call, &TRIAL, &mut found, &input).await
    }
}
