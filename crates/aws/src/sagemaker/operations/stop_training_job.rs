//! `StopTrainingJob`: asks a training job to end.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::jobs::TRAINING;
use crate::sagemaker::jobs::commands::stop;
use serde::Deserialize;

pub(crate) struct StopTrainingJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    training_job_name: String,
}

impl Operation for StopTrainingJob {
    const NAME: &'static str = "StopTrainingJob";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        stop(call, TRAINING, &input.training_job_name, "training job").await?;
        Ok(Nothing {})
    }
}
