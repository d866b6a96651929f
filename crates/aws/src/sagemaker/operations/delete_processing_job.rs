//! `DeleteProcessingJob`: forgets a processing job that is over, with its log, metrics and tags.
//! Its outputs stay in their buckets.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::jobs::commands::delete;
use crate::sagemaker::jobs::{PROCESSING, processing_id};
use serde::Deserialize;

pub(crate) struct DeleteProcessingJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    processing_job_name: String,
}

impl Operation for DeleteProcessingJob {
    const NAME: &'static str = "DeleteProcessingJob";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let name = &input.processing_job_name;
        delete(
            call,
            PROCESSING,
            &processing_id(name),
            ("processing-job", name),
        )
        .await?;
        Ok(Nothing {})
    }
}
