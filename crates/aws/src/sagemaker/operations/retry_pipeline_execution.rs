//! `RetryPipelineExecution`: what did not succeed is done again.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::executions::find;
use serde::{Deserialize, Serialize};

pub(crate) struct RetryPipelineExecution;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_execution_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_execution_arn: String,
}

impl Operation for RetryPipelineExecution {
    const NAME: &'static str = "RetryPipelineExecution";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let view = find(call, &input.pipeline_execution_arn).await?;
        let id = &view.execution.id;
        call.aws
            .control
            .retry_execution(&call.caller(), id)
            .await
            .map_err(fault)?;
        Ok(Output {
            pipeline_execution_arn: view.arn(),
        })
    }
}
