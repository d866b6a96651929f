//! `ListTransformJobs`: a page of the transform jobs, the newest first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::jobs::commands::{View, list};
use crate::sagemaker::jobs::{TRANSFORM, status};
use crate::sagemaker::listing::Listing;
use crate::time::Epoch;
use serde::Serialize;

pub(crate) struct ListTransformJobs;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    transform_job_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    transform_job_name: String,
    transform_job_arn: String,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    transform_end_time: Option<Epoch>,
    last_modified_time: Epoch,
    transform_job_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
}

impl Operation for ListTransformJobs {
    const NAME: &'static str = "ListTransformJobs";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let (views, next_token) = list(call, TRANSFORM, "transform.", &input).await?;
        let summaries = views.iter().map(|view| summary(call, view));
        Ok(Output {
            transform_job_summaries: summaries.collect(),
            next_token,
        })
    }
}

fn summary(call: &Call<'_>, view: &View) -> Summary {
    let (now, times) = (status::of(&view.job), status::times(&view.job));
    Summary {
        transform_job_name: view.name.clone(),
        transform_job_arn: call.arn("sagemaker", &format!("transform-job/{}", view.name)),
        creation_time: Epoch(view.job.created),
        transform_end_time: times.ended.map(Epoch),
        last_modified_time: Epoch(times.modified),
        transform_job_status: now.status,
        failure_reason: status::failure_reason(&view.job),
    }
}
