//! `DescribePipelineDefinitionForExecution`: the definition that an execution has.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::pipelines::executions::find;
use crate::time::Epoch;
use serde::{Deserialize, Serialize};

pub(crate) struct DescribePipelineDefinitionForExecution;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_execution_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_definition: String,
    creation_time: Epoch,
}

impl Operation for DescribePipelineDefinitionForExecution {
    const NAME: &'static str = "DescribePipelineDefinitionForExecution";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let view = find(call, &input.pipeline_execution_arn).await?;
        Ok(Output {
            creation_time: Epoch(view.execution.created),
            pipeline_definition: view.document.definition,
        })
    }
}
