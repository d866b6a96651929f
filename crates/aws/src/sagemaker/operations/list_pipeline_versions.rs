//! `ListPipelineVersions`: a page of the versions of a pipeline, the newest first unless asked
//! otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::listing::Listing;
use crate::sagemaker::pipelines::{store, versions};
use crate::time::Epoch;
use serde::{Deserialize, Serialize};

pub(crate) struct ListPipelineVersions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pipeline_name: String,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_version_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    pipeline_arn: String,
    pipeline_version_id: i64,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_version_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_version_display_name: Option<String>,
}

impl Operation for ListPipelineVersions {
    const NAME: &'static str = "ListPipelineVersions";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let (name, pipeline, _) = store::find(call, &input.pipeline_name).await?;
        versions::keep(call, &name, &pipeline).await?;
        let all = versions::all(call, &name).await?;
        let (views, next_token) = input.listing.pick(all)?;
        let arn = store::arn(call, &name);
        let summaries = views.into_iter().map(|view| Summary {
            pipeline_arn: arn.clone(),
            pipeline_version_id: view.version.number,
            creation_time: Epoch(view.created),
            pipeline_version_description: view.version.version_description,
            pipeline_version_display_name: view.version.version_name,
        });
        Ok(Output {
            pipeline_version_summaries: summaries.collect(),
            next_token,
        })
    }
}
