//! `ListArtifacts`: a page of the artifacts, of one source or one type when asked so.

use crate::fault::Fault;
use crate::kept::Which;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ARTIFACT};
use crate::sagemaker::listing::Listing;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct ListArtifacts;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    source_uri: Option<String>,
    #[serde(default)]
    artifact_type: Option<String>,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    artifact_summaries: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListArtifacts {
    const NAME: &'static str = "ListArtifacts";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut found = entities::all(call, &ARTIFACT, &Which::default()).await?;
        if let Some(uri) = &input.source_uri {
            found.retain(|one| one.request["Source"]["SourceUri"] == json!(uri));
        }
        if let Some(kind) = &input.artifact_type {
            found.retain(|one| one.request["ArtifactType"] == json!(kind));
        }
        let (page, next_token) = input.listing.pick(found)?;
        let members = ["Source", "ArtifactType", "ArtifactName"];
        let summaries = page
            .iter()
            .map(|one| one.summary(call, &ARTIFACT, &members));
        Ok(Output {
            artifact_summaries: summaries.collect(),
            next_token,
        })
    }
}
