//! `StartPipelineExecution`: an execution of a pipeline as it stands, with parameters.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::activities::Actor;
use crate::sagemaker::fault::fault;
use crate::sagemaker::pipelines::executions::{Document, parallelism};
use crate::sagemaker::pipelines::parameters::{self, Given};
use crate::sagemaker::pipelines::{definition, selection, store, versions};
use control::executions::NewExecution;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) struct StartPipelineExecution;

/// Length of an execution's id.
const ID: usize = 12;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_name: String,
    #[serde(default)]
    pipeline_execution_display_name: Option<String>,
    #[serde(default)]
    pipeline_execution_description: Option<String>,
    #[serde(default)]
    pipeline_parameters: Vec<Given>,
    #[serde(default)]
    client_request_token: Option<String>,
    #[serde(default)]
    parallelism_configuration: Option<Value>,
    #[serde(default)]
    selective_execution_config: Option<Value>,
    #[serde(default)]
    pipeline_version_id: Option<i64>,
    #[serde(default)]
    pipeline_version_alias: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_execution_arn: String,
}

impl Operation for StartPipelineExecution {
    const NAME: &'static str = "StartPipelineExecution";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        versions::without_aliases(&json!({"PipelineVersionAlias": input.pipeline_version_alias}))?;
        let (name, mut pipeline, _) = store::find(call, &input.pipeline_name).await?;
        if let Some(number) = input.pipeline_version_id {
            versions::keep(call, &name, &pipeline).await?;
            pipeline = versions::find(call, &name, number).await?.pipeline;
        }
        let parsed = definition::parse(&pipeline.definition).map_err(Fault::validation)?;
        let given = &input.pipeline_parameters;
        let values = parameters::values(&parsed.parameters, given).map_err(Fault::validation)?;
        let config = input.parallelism_configuration.or(pipeline.parallelism);
        let limit = parallelism(config.as_ref())?;
        let selection = match &input.selective_execution_config {
            Some(config) => Some(selection::of(call, &name, config, &parsed.steps).await?),
            None => None,
        };
        let (selected, states) = selection.map_or((None, BTreeMap::new()), |taken| {
            (Some(taken.document), taken.states)
        });
        let document = Document {
            pipeline_arn: store::arn(call, &name),
            pipeline: name.clone(),
            role: pipeline.role,
            definition: pipeline.definition,
            given: input.pipeline_parameters,
            values,
            display_name: input.pipeline_execution_display_name,
            description: input.pipeline_execution_description,
            parallelism: config,
            selection: selected,
            version: Some(pipeline.version),
        };
        let new = NewExecution {
            dialect: crate::DIALECT.to_owned(),
            graph: name.clone(),
            actor: json!(Actor::of(call)),
            document: json!(document),
            steps: parsed.steps,
            parallelism: limit,
            states,
        };
        // A token belongs to one pipeline's starts.
        let token = input.client_request_token;
        let token = token.map(|token| format!("pipeline-execution/{name}/{token}"));
        let caller = call.principal.caller(token);
        let id: String = call
            .aws
            .control
            .world
            .fresh_secret()
            .chars()
            .take(ID)
            .collect();
        let started = call.aws.control.start_execution(&caller, &id, &new).await;
        let started = started.map_err(fault)?;
        Ok(Output {
            pipeline_execution_arn: document.arn_of(&started.id),
        })
    }
}
