//! `ListActions`: a page of the actions, of one source or one type when asked so.

use crate::fault::Fault;
use crate::kept::Which;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, ACTION};
use crate::sagemaker::listing::Listing;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct ListActions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    source_uri: Option<String>,
    #[serde(default)]
    action_type: Option<String>,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    action_summaries: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListActions {
    const NAME: &'static str = "ListActions";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut found = entities::all(call, &ACTION, &Which::default()).await?;
        if let Some(uri) = &input.source_uri {
            found.retain(|one| one.request["Source"]["SourceUri"] == json!(uri));
        }
        if let Some(kind) = &input.action_type {
            found.retain(|one| one.request["ActionType"] == json!(kind));
        }
        let (page, next_token) = input.listing.pick(found)?;
        let members = ["Source", "ActionType", "Status"];
        let summaries = page.iter().map(|one| one.summary(call, &ACTION, &members));
        Ok(Output {
            action_summaries: summaries.collect(),
            next_token,
        })
    }
}
