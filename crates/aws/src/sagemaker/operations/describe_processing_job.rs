//! `DescribeProcessingJob`: what was asked for to the letter, and how it stands.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::jobs::commands::find;
use crate::sagemaker::jobs::{PROCESSING, processing_id, status};
use crate::time::Epoch;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct DescribeProcessingJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    processing_job_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(flatten)]
    request: Value,
    processing_job_arn: String,
    processing_job_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    processing_start_time: Option<Epoch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processing_end_time: Option<Epoch>,
    last_modified_time: Epoch,
}

impl Operation for DescribeProcessingJob {
    const NAME: &'static str = "DescribeProcessingJob";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let name = &input.processing_job_name;
        let job = find(call, PROCESSING, &processing_id(name)).await?;
        let times = status::times(&job);
        let failure = status::failure_reason(&job);
        let document = job.foreign.as_ref().map(|foreign| foreign.document.clone());
        Ok(Output {
            request: document.unwrap_or_default(),
            processing_job_arn: call.arn("sagemaker", &format!("processing-job/{name}")),
            processing_job_status: status::of(&job).status,
            exit_message: failure.clone(),
            failure_reason: failure,
            creation_time: Epoch(job.created),
            processing_start_time: times.started.map(Epoch),
            processing_end_time: times.ended.map(Epoch),
            last_modified_time: Epoch(times.modified),
        })
    }
}
