//! `StopProcessingJob`: asks a processing job to end.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::jobs::commands::stop;
use crate::sagemaker::jobs::{PROCESSING, processing_id};
use serde::Deserialize;

pub(crate) struct StopProcessingJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    processing_job_name: String,
}

impl Operation for StopProcessingJob {
    const NAME: &'static str = "StopProcessingJob";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        stop(
            call,
            PROCESSING,
            &processing_id(&input.processing_job_name),
            "processing job",
        )
        .await?;
        Ok(Nothing {})
    }
}
