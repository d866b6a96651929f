//! `ListProcessingJobs`: a page of the processing jobs, the newest first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::jobs::commands::{View, list};
use crate::sagemaker::jobs::{PROCESSING, status};
use crate::sagemaker::listing::Listing;
use crate::time::Epoch;
use serde::Serialize;

pub(crate) struct ListProcessingJobs;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    processing_job_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    processing_job_name: String,
    processing_job_arn: String,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    processing_end_time: Option<Epoch>,
    last_modified_time: Epoch,
    processing_job_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
}

impl Operation for ListProcessingJobs {
    const NAME: &'static str = "ListProcessingJobs";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let (views, next_token) = list(call, PROCESSING, "processing.", &input).await?;
        let summaries = views.iter().map(|view| summary(call, view));
        Ok(Output {
            processing_job_summaries: summaries.collect(),
            next_token,
        })
    }
}

fn summary(call: &Call<'_>, view: &View) -> Summary {
    let (now, times) = (status::of(&view.job), status::times(&view.job));
    Summary {
        processing_job_name: view.name.clone(),
        processing_job_arn: call.arn("sagemaker", &format!("processing-job/{}", view.name)),
        creation_time: Epoch(view.job.created),
        processing_end_time: times.ended.map(Epoch),
        last_modified_time: Epoch(times.modified),
        processing_job_status: now.status,
        failure_reason: status::failure_reason(&view.job),
    }
}
