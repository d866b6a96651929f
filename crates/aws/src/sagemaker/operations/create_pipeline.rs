//! `CreatePipeline`: keeps a definition that has been understood.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::fault::fault;
use crate::sagemaker::names;
use crate::sagemaker::pipelines::executions::{made_by, parallelism};
use crate::sagemaker::pipelines::store::{self, DefinitionLocation, Pipeline};
use crate::sagemaker::pipelines::versions;
use crate::sagemaker::tags::{self, Tag};
use domain::Refusal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct CreatePipeline;

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
    role_arn: String,
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    parallelism_configuration: Option<Value>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_arn: String,
}

impl Operation for CreatePipeline {
    const NAME: &'static str = "CreatePipeline";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        versions::without_aliases(&input)?;
        let input: Input = read(input)?;
        let name = &input.pipeline_name;
        names::check("PipelineName", name, 256)?;
        parallelism(input.parallelism_configuration.as_ref())?;
        let (text, location) = (
            input.pipeline_definition,
            input.pipeline_definition_s3_location,
        );
        let (definition, _) = store::definition(call, text, location)
            .await?
            .ok_or_else(|| {
                Fault::validation("give PipelineDefinition or PipelineDefinitionS3Location")
            })?;
        let pipeline = Pipeline {
            definition,
            role: input.role_arn,
            display_name: input.pipeline_display_name,
            description: input.pipeline_description,
            parallelism: input.parallelism_configuration,
            version: 1,
            created_by: made_by(call),
            modified_by: made_by(call),
        };
        let (caller, arn) = (call.caller(), store::arn(call, name));
        let new = store::document(name, &pipeline);
        match call.aws.control.create_document(&caller, &new).await {
            Ok(_) => versions::keep(call, name, &pipeline).await?,
            Err(Refusal::AlreadyExists { .. }) => {
                return Err(Fault::validation(format!(
                    "Pipeline names must be unique within an AWS account and region. Pipeline \
                     with name ({name}) already exists."
                )));
            }
            Err(refusal) => return Err(fault(refusal)),
        }
        tags::add(call.aws, &caller, &arn, &input.tags)
            .await
            .map_err(fault)?;
        Ok(Output { pipeline_arn: arn })
    }
}
