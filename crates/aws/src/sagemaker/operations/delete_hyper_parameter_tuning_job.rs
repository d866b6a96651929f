//! `DeleteHyperParameterTuningJob`: forgets a search that is over; its training jobs stay.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::tags;
use crate::sagemaker::tuning::view::status_of;
use crate::sagemaker::tuning::{arn, find};
use domain::Refusal;
use serde::Deserialize;

pub(crate) struct DeleteHyperParameterTuningJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    hyper_parameter_tuning_job_name: String,
}

impl Operation for DeleteHyperParameterTuningJob {
    const NAME: &'static str = "DeleteHyperParameterTuningJob";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let tuning = find(call, &input.hyper_parameter_tuning_job_name).await?;
        let caller = call.caller();
        match call.aws.control.delete_tuning(&caller, &tuning.id).await {
            Ok(()) => {}
            Err(Refusal::Conflict { .. }) => {
                return Err(Fault::validation(format!(
                    "The request was rejected because the tuning job is in status {}.",
                    status_of(&tuning)
                )));
            }
            Err(refusal) => return Err(fault(refusal)),
        }
        let forgotten = tags::forget(call.aws, &caller, &arn(call, &tuning.id)).await;
        forgotten.map_err(fault)?;
        Ok(Nothing {})
    }
}
