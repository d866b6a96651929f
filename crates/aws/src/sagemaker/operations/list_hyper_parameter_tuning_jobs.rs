//! `ListHyperParameterTuningJobs`: a page of the tuning jobs, the newest first unless asked
//! otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::listing::{Listing, Page};
use crate::sagemaker::tuning::arn;
use crate::sagemaker::tuning::view::{Objectives, Statuses, View, status_of};
use crate::time::Epoch;
use control::tuning::TuningFilter;
use futures::future::BoxFuture;
use serde::Serialize;
use serde_json::Value;

pub(crate) struct ListHyperParameterTuningJobs;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    hyper_parameter_tuning_job_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    hyper_parameter_tuning_job_name: String,
    hyper_parameter_tuning_job_arn: String,
    hyper_parameter_tuning_job_status: &'static str,
    strategy: Value,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    hyper_parameter_tuning_end_time: Option<Epoch>,
    last_modified_time: Epoch,
    training_job_status_counters: Statuses,
    objective_status_counters: Objectives,
    #[serde(skip_serializing_if = "Value::is_null")]
    resource_limits: Value,
}

impl Operation for ListHyperParameterTuningJobs {
    const NAME: &'static str = "ListHyperParameterTuningJobs";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let caller = call.caller();
        let caller = &caller;
        let page = |after, limit| -> BoxFuture<'_, Result<Page<View>, Fault>> {
            Box::pin(async move {
                let filter = TuningFilter {
                    after,
                    limit,
                    ..TuningFilter::default()
                };
                let found = call.aws.control.tunings(caller, &filter).await;
                let (found, next) = found.map_err(fault)?;
                Ok((found.into_iter().map(View).collect(), next))
            })
        };
        let (views, next_token) = input.run(page).await?;
        Ok(Output {
            hyper_parameter_tuning_job_summaries: views
                .iter()
                .map(|view| summary(call, view))
                .collect(),
            next_token,
        })
    }
}

fn summary(call: &Call<'_>, View(tuning): &View) -> Summary {
    let config = &tuning.document["HyperParameterTuningJobConfig"];
    Summary {
        hyper_parameter_tuning_job_name: tuning.id.clone(),
        hyper_parameter_tuning_job_arn: arn(call, &tuning.id),
        hyper_parameter_tuning_job_status: status_of(tuning),
        strategy: config["Strategy"].clone(),
        creation_time: Epoch(tuning.created),
        hyper_parameter_tuning_end_time: tuning.ended.map(Epoch),
        last_modified_time: Epoch(tuning.modified),
        training_job_status_counters: Statuses::of(tuning),
        objective_status_counters: Objectives::of(tuning),
        resource_limits: config["ResourceLimits"].clone(),
    }
}
