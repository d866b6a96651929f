//! `DescribeTransformJob`: what was asked for to the letter, and how it stands.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::jobs::commands::find;
use crate::sagemaker::jobs::{TRANSFORM, status, transform_id};
use crate::time::Epoch;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct DescribeTransformJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    transform_job_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(flatten)]
    request: Value,
    transform_job_arn: String,
    transform_job_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    transform_start_time: Option<Epoch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transform_end_time: Option<Epoch>,
}

impl Operation for DescribeTransformJob {
    const NAME: &'static str = "DescribeTransformJob";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let name = &input.transform_job_name;
        let job = find(call, TRANSFORM, &transform_id(name)).await?;
        let times = status::times(&job);
        let failure = status::failure_reason(&job);
        let document = job.foreign.as_ref().map(|foreign| foreign.document.clone());
        Ok(Output {
            request: document.unwrap_or_default(),
            transform_job_arn: call.arn("sagemaker", &format!("transform-job/{name}")),
            transform_job_status: status::of(&job).status,
            failure_reason: failure,
            creation_time: Epoch(job.created),
            transform_start_time: times.started.map(Epoch),
            transform_end_time: times.ended.map(Epoch),
        })
    }
}
