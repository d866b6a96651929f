//! `DeleteTrainingJob`: forgets a training job that is over, with its log, metrics and tags. Its
//! model and outputs stay in their buckets.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::jobs::TRAINING;
use crate::sagemaker::jobs::commands::delete;
use serde::Deserialize;

pub(crate) struct DeleteTrainingJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    training_job_name: String,
}

impl Operation for DeleteTrainingJob {
    const NAME: &'static str = "DeleteTrainingJob";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let name = &input.training_job_name;
        delete(call, TRAINING, name, ("training-job", name)).await?;
        Ok(Nothing {})
    }
}
