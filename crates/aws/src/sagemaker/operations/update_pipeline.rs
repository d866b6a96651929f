//! `UpdatePipeline`: replaces what is given of a pipeline; executions under way keep theirs.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::executions::{made_by, parallelism};
use crate::sagemaker::pipelines::store::{self, DefinitionLocation};
use crate::sagemaker::pipelines::versions;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct UpdatePipeline;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    pipeline_name: String,
    #[serde(default)]
    pipeline_display_name: Option<String>,
    #[serde(default)]
    pipeline_definition: Option<String>,
    #[serde(default)]
    pipeline_definition_s3_location: Option<DefinitionLocation>,
    #[serde(default)]
    pipeline_description: Option<String>,
    #[serde(default)]
    role_arn: Option<String>,
    #[serde(default)]
    parallelism_configuration: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_arn: String,
    pipeline_version_id: i64,
}

impl Operation for UpdatePipeline {
    const NAME: &'static str = "UpdatePipeline";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        versions::without_aliases(&input)?;
        let input: Input = read(input)?;
        let (name, mut pipeline, known) = store::find(call, &input.pipeline_name).await?;
        parallelism(input.parallelism_configuration.as_ref())?;
        // It may be older than its versions, or its maker may have ended before they were kept.
        versions::keep(call, &name, &pipeline).await?;
        let (text, location) = (
            input.pipeline_definition,
            input.pipeline_definition_s3_location,
        );
        if let Some((definition, _)) = store::definition(call, text, location).await? {
            pipeline.definition = definition;
        }
        if let Some(role) = input.role_arn {
            pipeline.role = role;
        }
        pipeline.display_name = input.pipeline_display_name.or(pipeline.display_name);
        pipeline.description = input.pipeline_description.or(pipeline.description);
        pipeline.parallelism = input.parallelism_configuration.or(pipeline.parallelism);
        pipeline.modified_by = made_by(call);
        pipeline.version += 1;
        let new = store::document(&name, &pipeline);
        let written = call
            .aws
            .control
            .put_document(&call.caller(), &new, Some(known.revision))
            .await;
        written.map_err(fault)?;
        versions::keep(call, &name, &pipeline).await?;
        Ok(Output {
            pipeline_arn: store::arn(call, &name),
            pipeline_version_id: pipeline.version,
        })
    }
}
