//! `SendPipelineExecutionStepSuccess`: a callback step has succeeded.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::executions::View;
use crate::sagemaker::pipelines::parameters::Given;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) struct SendPipelineExecutionStepSuccess;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    callback_token: String,
    #[serde(default)]
    output_parameters: Vec<Given>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_execution_arn: String,
}

impl Operation for SendPipelineExecutionStepSuccess {
    const NAME: &'static str = "SendPipelineExecutionStepSuccess";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let answer = Ok(json!({"OutputParameters": input.output_parameters}));
        let answered = call
            .aws
            .control
            .answer_step(&call.caller(), &input.callback_token, answer)
            .await;
        let view = View::of(answered.map_err(fault)?)?;
        Ok(Output {
            pipeline_execution_arn: view.arn(),
        })
    }
}
