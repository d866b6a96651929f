//! `ListPipelineParametersForExecution`: the values that an execution was given.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::listing::slice;
use crate::sagemaker::pipelines::executions::find;
use crate::sagemaker::pipelines::expressions;
use crate::sagemaker::pipelines::parameters::Given;
use serde::{Deserialize, Serialize};

pub(crate) struct ListPipelineParametersForExecution;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_execution_arn: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_parameters: Vec<Given>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListPipelineParametersForExecution {
    const NAME: &'static str = "ListPipelineParametersForExecution";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let view = find(call, &input.pipeline_execution_arn).await?;
        let values = view.document.values.iter().map(|(name, value)| Given {
            name: name.clone(),
            value: expressions::text(value).unwrap_or_default(),
        });
        let (parameters, next_token) = slice(
            values.collect(),
            input.next_token.as_deref(),
            input.max_results,
        )?;
        Ok(Output {
            pipeline_parameters: parameters,
            next_token,
        })
    }
}
