//! `DescribePipeline`: a pipeline with its definition to the letter.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::{store, versions};
use crate::time::Epoch;
use control::executions::ExecutionFilter;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct DescribePipeline;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_name: String,
    #[serde(default)]
    pipeline_version_id: Option<i64>,
    #[serde(default)]
    pipeline_version_alias: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_arn: String,
    pipeline_name: String,
    pipeline_display_name: String,
    pipeline_definition: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_description: Option<String>,
    role_arn: String,
    pipeline_status: &'static str,
    creation_time: Epoch,
    last_modified_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run_time: Option<Epoch>,
    created_by: Value,
    last_modified_by: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallelism_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_version_display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_version_description: Option<String>,
}

impl Operation for DescribePipeline {
    const NAME: &'static str = "DescribePipeline";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        versions::without_aliases(&json!({"PipelineVersionAlias": input.pipeline_version_alias}))?;
        let (name, pipeline, known) = store::find(call, &input.pipeline_name).await?;
        let (pipeline, version_name, version_description) = match input.pipeline_version_id {
            Some(number) => {
                versions::keep(call, &name, &pipeline).await?;
                let found = versions::find(call, &name, number).await?;
                (
                    found.pipeline,
                    found.version_name,
                    found.version_description,
                )
            }
            None => (pipeline, None, None),
        };
        let filter = ExecutionFilter {
            graph: Some(name.clone()),
            limit: 1,
            ..ExecutionFilter::default()
        };
        let last = call.aws.control.executions(&call.caller(), &filter).await;
        let (last, _) = last.map_err(fault)?;
        Ok(Output {
            pipeline_arn: store::arn(call, &name),
            pipeline_display_name: pipeline.display_name.unwrap_or_else(|| name.clone()),
            pipeline_name: name,
            pipeline_definition: pipeline.definition,
            pipeline_description: pipeline.description,
            role_arn: pipeline.role,
            pipeline_status: "Active",
            creation_time: Epoch(known.document.created),
            last_modified_time: Epoch(known.document.updated),
            last_run_time: last.first().map(|execution| Epoch(execution.created)),
            created_by: pipeline.created_by,
            last_modified_by: pipeline.modified_by,
            parallelism_configuration: pipeline.parallelism,
            pipeline_version_display_name: version_name,
            pipeline_version_description: version_description,
        })
    }
}
