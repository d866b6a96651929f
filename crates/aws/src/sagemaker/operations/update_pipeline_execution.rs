//! `UpdatePipelineExecution`: other words for an execution, or another number of steps at once.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::executions::{find, parallelism};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct UpdatePipelineExecution;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_execution_arn: String,
    #[serde(default)]
    pipeline_execution_description: Option<String>,
    #[serde(default)]
    pipeline_execution_display_name: Option<String>,
    #[serde(default)]
    parallelism_configuration: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_execution_arn: String,
}

impl Operation for UpdatePipelineExecution {
    const NAME: &'static str = "UpdatePipelineExecution";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let view = find(call, &input.pipeline_execution_arn).await?;
        let arn = view.arn();
        let mut document = view.document;
        document.description = input
            .pipeline_execution_description
            .or(document.description);
        document.display_name = input
            .pipeline_execution_display_name
            .or(document.display_name);
        let limit = match &input.parallelism_configuration {
            Some(config) => Some(parallelism(Some(config))?),
            None => None,
        };
        document.parallelism = input.parallelism_configuration.or(document.parallelism);
        call.aws
            .control
            .set_execution_document(&call.caller(), &view.execution.id, &json!(document), limit)
            .await
            .map_err(fault)?;
        Ok(Output {
            pipeline_execution_arn: arn,
        })
    }
}
