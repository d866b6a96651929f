//! `StopPipelineExecution`: nothing new begins, what is under way is stopped.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::executions::find;
use serde::{Deserialize, Serialize};

pub(crate) struct StopPipelineExecution;

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

impl Operation for StopPipelineExecution {
    const NAME: &'static str = "StopPipelineExecution";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let view = find(call, &input.pipeline_execution_arn).await?;
        let id = &view.execution.id;
        call.aws
            .control
            .stop_execution(&call.caller(), id)
            .await
            .map_err(fault)?;
        Ok(Output {
            pipeline_execution_arn: view.arn(),
        })
    }
}
