//! `CreateTrial`: makes a trial of an experiment.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::experiments::trials;
use crate::sagemaker::names;
use serde_json::Value;

pub(crate) struct CreateTrial;

impl Operation for CreateTrial {
    const NAME: &'static str = "CreateTrial";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "TrialName")?;
        names::check("TrialName", &name, 120)?;
        trials::create(call, &name, input).await
    }
}
