//! `UpdatePipelineVersion`: gives a version of a pipeline a name and a description.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::pipelines::{store, versions};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct UpdatePipelineVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    pipeline_arn: String,
    pipeline_version_id: i64,
    #[serde(default)]
    pipeline_version_display_name: Option<String>,
    #[serde(default)]
    pipeline_version_description: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_arn: String,
    pipeline_version_id: i64,
}

impl Operation for UpdatePipelineVersion {
    const NAME: &'static str = "UpdatePipelineVersion";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        versions::without_aliases(&input)?;
        let input: Input = read(input)?;
        let (name, pipeline, _) = store::find(call, &input.pipeline_arn).await?;
        versions::keep(call, &name, &pipeline).await?;
        let number = input.pipeline_version_id;
        let words = (
            input.pipeline_version_display_name,
            input.pipeline_version_description,
        );
        versions::describe(call, &name, number, words).await?;
        Ok(Output {
            pipeline_arn: store::arn(call, &name),
            pipeline_version_id: number,
        })
    }
}
