//! `DeleteExperiment`: deletes an experiment that has no trials any more.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, EXPERIMENT};
use crate::sagemaker::experiments::trials;
use serde_json::Value;

pub(crate) struct DeleteExperiment;

impl Operation for DeleteExperiment {
    const NAME: &'static str = "DeleteExperiment";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "ExperimentName")?;
        let found = entities::require(call, &EXPERIMENT, &name).await?;
        if let Some(trial) = trials::of_experiment(call, &found.id).await?.first() {
            return Err(Fault::validation(format!(
                "Experiment '{name}' has trials ('{}'); delete them first",
                trial.id
            )));
        }
        entities::delete(call, &EXPERIMENT, &found.id).await
    }
}
