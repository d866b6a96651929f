//! `DeleteTrial`: deletes a trial that has no components any more.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, TRIAL};
use crate::sagemaker::experiments::trials;
use serde_json::Value;

pub(crate) struct DeleteTrial;

impl Operation for DeleteTrial {
    const NAME: &'static str = "DeleteTrial";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "TrialName")?;
        let found = entities::require(call, &TRIAL, &name).await?;
        if let Some(component) = trials::components(call, &found.id).await?.first() {
            return Err(Fault::validation(format!(
                "Trial '{name}' has components ('{component}'); disassociate them first"
            )));
        }
        entities::delete(call, &TRIAL, &found.id).await
    }
}
