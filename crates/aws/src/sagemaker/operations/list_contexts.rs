//! `ListContexts`: a page of the contexts, of one source or one type when asked so.

use crate::fault::Fault;
use crate::kept::Which;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, CONTEXT};
use crate::sagemaker::listing::Listing;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct ListContexts;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    source_uri: Option<String>,
    #[serde(default)]
    context_type: Option<String>,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    context_summaries: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListContexts {
    const NAME: &'static str = "ListContexts";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut found = entities::all(call, &CONTEXT, &Which::default()).await?;
        if let Some(uri) = &input.source_uri {
            found.retain(|one| one.request["Source"]["SourceUri"] == json!(uri));
        }
        if let Some(kind) = &input.context_type {
            found.retain(|one| one.request["ContextType"] == json!(kind));
        }
        let (page, next_token) = input.listing.pick(found)?;
        let members = ["Source", "ContextType"];
        let summaries = page.iter().map(|one| one.summary(call, &CONTEXT, &members));
        Ok(Output {
            context_summaries: summaries.collect(),
            next_token,
        })
    }
}
