//! `ListPipelines`: a page of the pipelines, the newest first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation, read};
use crate::sagemaker::fault::fault;
use crate::sagemaker::listing::{Listing, Page};
use crate::sagemaker::pipelines::KIND;
use crate::sagemaker::pipelines::store::{self, Pipeline};
use crate::time::Epoch;
use contracts::store::Order;
use control::documents::{Document, DocumentFilter};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct ListPipelines;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    #[serde(default)]
    pipeline_name_prefix: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    pipeline_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    pipeline_arn: String,
    pipeline_name: String,
    pipeline_display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline_description: Option<String>,
    role_arn: String,
    creation_time: Epoch,
    last_modified_time: Epoch,
}

impl Operation for ListPipelines {
    const NAME: &'static str = "ListPipelines";
    type Input = Value;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Value) -> Result<Output, Fault> {
        let filter: Filter = read(input.clone())?;
        let listing: Listing = read(with_common_names(input))?;
        let (caller, prefix) = (call.caller(), filter.pipeline_name_prefix);
        let (caller, prefix) = (&caller, &prefix);
        let page = |after, limit| -> BoxFuture<'_, Result<Page<Document>, Fault>> {
            Box::pin(async move {
                let filter = DocumentFilter {
                    kind: KIND.to_owned(),
                    prefix: prefix.clone(),
                    order: Order::Newest,
                    after,
                    limit,
                    ..DocumentFilter::default()
                };
                call.aws
                    .control
                    .documents(caller, &filter)
                    .await
                    .map_err(fault)
            })
        };
        let (documents, next_token) = listing.run(page).await?;
        let summaries: Result<Vec<Summary>, Fault> = documents
            .iter()
            .map(|document| summary(call, document))
            .collect();
        Ok(Output {
            pipeline_summaries: summaries?,
            next_token,
        })
    }
}

fn summary(call: &Call<'_>, document: &Document) -> Result<Summary, Fault> {
    let pipeline: Pipeline = read(document.body.clone())?;
    Ok(Summary {
        pipeline_arn: store::arn(call, &document.id),
        pipeline_name: document.id.clone(),
        pipeline_display_name: pipeline.display_name.unwrap_or_else(|| document.id.clone()),
        pipeline_description: pipeline.description,
        role_arn: pipeline.role,
        creation_time: Epoch(document.created),
        last_modified_time: Epoch(document.updated),
    })
}

/// The filters by time as other lists name them.
pub(super) fn with_common_names(mut input: Value) -> Value {
    if let Value::Object(members) = &mut input {
        for (given, common) in [
            ("CreatedAfter", "CreationTimeAfter"),
            ("CreatedBefore", "CreationTimeBefore"),
        ] {
            if let Some(value) = members.remove(given) {
                members.insert(common.to_owned(), value);
            }
        }
    }
    input
}
