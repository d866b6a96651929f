//! `SendPipelineExecutionStepFailure`: a callback step has failed.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::executions::View;
use serde::{Deserialize, Serialize};

pub(crate) struct SendPipelineExecutionStepFailure;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    callback_token: String,
    #[serde(default)]
    failure_reason: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_execution_arn: String,
}

impl Operation for SendPipelineExecutionStepFailure {
    const NAME: &'static str = "SendPipelineExecutionStepFailure";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let reason = input
            .failure_reason
            .unwrap_or_else(|| "the callback said that it failed".to_owned());
        let answered = call
            .aws
            .control
            .answer_step(&call.caller(), &input.callback_token, Err(reason))
            .await;
        let view = View::of(answered.map_err(fault)?)?;
        Ok(Output {
            pipeline_execution_arn: view.arn(),
        })
    }
}
