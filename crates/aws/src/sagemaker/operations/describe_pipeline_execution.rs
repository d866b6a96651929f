//! `DescribePipelineExecution`: how an execution stands.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::pipelines::executions::{self, find};
use crate::time::Epoch;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct DescribePipelineExecution;

/// Longest reason that is shown.
const LONGEST_REASON: usize = 1_300;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_execution_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_arn: String,
    pipeline_execution_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_execution_display_name: Option<String>,
    pipeline_execution_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_execution_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    creation_time: Epoch,
    last_modified_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallelism_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    selective_execution_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_version_id: Option<i64>,
}

impl Operation for DescribePipelineExecution {
    const NAME: &'static str = "DescribePipelineExecution";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let view = find(call, &input.pipeline_execution_arn).await?;
        let execution = &view.execution;
        let failure = execution.failure.as_ref();
        Ok(Output {
            pipeline_execution_arn: view.arn(),
            pipeline_execution_status: executions::status(execution),
            failure_reason: failure.map(|reason| reason.chars().take(LONGEST_REASON).collect()),
            creation_time: Epoch(execution.created),
            last_modified_time: Epoch(execution.modified),
            pipeline_arn: view.document.pipeline_arn,
            pipeline_execution_display_name: view.document.display_name,
            pipeline_execution_description: view.document.description,
            parallelism_configuration: view.document.parallelism,
            selective_execution_config: view.document.selection,
            pipeline_version_id: view.document.version,
        })
    }
}
