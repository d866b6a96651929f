//! `CreateTrainingJob`: makes a job out of a training image, an entry point and channels.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::jobs::commands::{Making, make};
use crate::sagemaker::jobs::{TRAINING, training};
use crate::sagemaker::names;
use serde::Serialize;
use serde_json::Value;

pub(crate) struct CreateTrainingJob;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    training_job_arn: String,
}

impl Operation for CreateTrainingJob {
    const NAME: &'static str = "CreateTrainingJob";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        let request: training::Request = read(input.clone())?;
        let name = &request.training_job_name;
        names::check("TrainingJobName", name, 63)?;
        let spec = training::spec(call, &request).await?;
        let making = Making {
            kind: TRAINING,
            word: "training-job",
            name,
            id: name,
            document: input,
            tags: &request.tags,
        };
        let training_job_arn = make(call, making, spec).await?;
        Ok(Output { training_job_arn })
    }
}
