//! `ListTrainingJobs`: a page of the training jobs, the newest first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::jobs::commands::{View, list};
use crate::sagemaker::jobs::{TRAINING, status};
use crate::sagemaker::listing::Listing;
use crate::time::Epoch;
use serde::Serialize;

pub(crate) struct ListTrainingJobs;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    training_job_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    training_job_name: String,
    training_job_arn: String,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    training_end_time: Option<Epoch>,
    last_modified_time: Epoch,
    training_job_status: &'static str,
    secondary_status: &'static str,
}

impl Operation for ListTrainingJobs {
    const NAME: &'static str = "ListTrainingJobs";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let (views, next_token) = list(call, TRAINING, "", &input).await?;
        let summaries = views.iter().map(|view| summary(call, view));
        Ok(Output {
            training_job_summaries: summaries.collect(),
            next_token,
        })
    }
}

fn summary(call: &Call<'_>, view: &View) -> Summary {
    let (now, times) = (status::of(&view.job), status::times(&view.job));
    Summary {
        training_job_name: view.name.clone(),
        training_job_arn: call.arn("sagemaker", &format!("training-job/{}", view.name)),
        creation_time: Epoch(view.job.created),
        training_end_time: times.ended.map(Epoch),
        last_modified_time: Epoch(times.modified),
        training_job_status: now.status,
        secondary_status: now.secondary,
    }
}
