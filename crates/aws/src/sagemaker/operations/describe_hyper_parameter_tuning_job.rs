//! `DescribeHyperParameterTuningJob`: what was asked for to the letter, and how the search stands.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::tuning::view::{Objectives, Statuses, Summary, status_of, summary};
use crate::sagemaker::tuning::{arn, find};
use crate::time::Epoch;
use domain::Timestamp;
use domain::tuning::Tuning;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct DescribeHyperParameterTuningJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    hyper_parameter_tuning_job_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(flatten)]
    request: Value,
    hyper_parameter_tuning_job_arn: String,
    hyper_parameter_tuning_job_status: &'static str,
    creation_time: Epoch,
    last_modified_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    hyper_parameter_tuning_end_time: Option<Epoch>,
    training_job_status_counters: Statuses,
    objective_status_counters: Objectives,
    #[serde(skip_serializing_if = "Option::is_none")]
    best_training_job: Option<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    consumed_resources: Value,
}

impl Operation for DescribeHyperParameterTuningJob {
    const NAME: &'static str = "DescribeHyperParameterTuningJob";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let tuning = find(call, &input.hyper_parameter_tuning_job_name).await?;
        let best = match tuning.best() {
            Some(trial) => Some(summary(call, &tuning, trial).await?),
            None => None,
        };
        let now = call.aws.control.world.now();
        Ok(Output {
            hyper_parameter_tuning_job_arn: arn(call, &tuning.id),
            hyper_parameter_tuning_job_status: status_of(&tuning),
            creation_time: Epoch(tuning.created),
            last_modified_time: Epoch(tuning.modified),
            hyper_parameter_tuning_end_time: tuning.ended.map(Epoch),
            training_job_status_counters: Statuses::of(&tuning),
            objective_status_counters: Objectives::of(&tuning),
            best_training_job: best,
            consumed_resources: json!({"RuntimeInSeconds": seconds(&tuning, now)}),
            failure_reason: tuning.failure,
            request: tuning.document,
        })
    }
}

fn seconds(tuning: &Tuning, now: Timestamp) -> i64 {
    tuning.ended.unwrap_or(now).since(tuning.created).0.max(0) / 1_000
}
