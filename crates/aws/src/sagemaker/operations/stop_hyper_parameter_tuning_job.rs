//! `StopHyperParameterTuningJob`: no new trial begins, those under way are stopped.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::tuning::find;
use crate::sagemaker::tuning::view::status_of;
use domain::Refusal;
use serde::Deserialize;

pub(crate) struct StopHyperParameterTuningJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    hyper_parameter_tuning_job_name: String,
}

impl Operation for StopHyperParameterTuningJob {
    const NAME: &'static str = "StopHyperParameterTuningJob";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let tuning = find(call, &input.hyper_parameter_tuning_job_name).await?;
        match call
            .aws
            .control
            .stop_tuning(&call.caller(), &tuning.id)
            .await
        {
            Ok(_) => Ok(Nothing {}),
            Err(Refusal::Conflict { .. }) => Err(Fault::validation(format!(
                "The request was rejected because the tuning job is in status {}.",
                status_of(&tuning)
            ))),
            Err(refusal) => Err(fault(refusal)),
        }
    }
}
