//! `StopTransformJob`: asks a transform job to end.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::jobs::commands::stop;
use crate::sagemaker::jobs::{TRANSFORM, transform_id};
use serde::Deserialize;

pub(crate) struct StopTransformJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    transform_job_name: String,
}

impl Operation for StopTransformJob {
    const NAME: &'static str = "StopTransformJob";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        stop(
            call,
            TRANSFORM,
            &transform_id(&input.transform_job_name),
            "transform job",
        )
        .await?;
        Ok(Nothing {})
    }
}
