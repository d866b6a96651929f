//! `ListPipelineExecutionSteps`: the steps that began, the last first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::listing::slice;
use crate::sagemaker::pipelines::executions::find;
use crate::sagemaker::pipelines::steps::{self, Shown};
use serde::{Deserialize, Serialize};

pub(crate) struct ListPipelineExecutionSteps;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_execution_arn: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<u32>,
    #[serde(default)]
    sort_order: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_execution_steps: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListPipelineExecutionSteps {
    const NAME: &'static str = "ListPipelineExecutionSteps";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let view = find(call, &input.pipeline_execution_arn).await?;
        let mut shown = steps::of(call, &view);
        if input.sort_order.as_deref() == Some("Ascending") {
            shown.reverse();
        }
        let (steps, next_token) = slice(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(Output {
            pipeline_execution_steps: steps,
            next_token,
        })
    }
}
