//! `ListEndpoints`: a page of the endpoints, whatever API made them.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::endpoints::{View, list};
use crate::sagemaker::listing::{Listed, Listing};
use crate::time::Epoch;
use serde::Serialize;

pub(crate) struct ListEndpoints;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    endpoints: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    endpoint_name: String,
    endpoint_arn: String,
    creation_time: Epoch,
    last_modified_time: Epoch,
    endpoint_status: String,
}

impl Operation for ListEndpoints {
    const NAME: &'static str = "ListEndpoints";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let (views, next_token) = list(call, &input).await?;
        let summaries = views.iter().map(|view: &View| Summary {
            endpoint_name: view.name(),
            endpoint_arn: call.arn("sagemaker", &format!("endpoint/{}", view.name())),
            creation_time: Epoch(view.created()),
            last_modified_time: Epoch(view.modified()),
            endpoint_status: view.status(),
        });
        Ok(Output {
            endpoints: summaries.collect(),
            next_token,
        })
    }
}
