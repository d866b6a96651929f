//! `ListEndpointConfigs`: a page of them, the newest first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::listing::{Listing, documents};
use crate::sagemaker::variants::CONFIG;
use crate::time::Epoch;
use serde::Serialize;

pub(crate) struct ListEndpointConfigs;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    endpoint_configs: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    endpoint_config_name: String,
    endpoint_config_arn: String,
    creation_time: Epoch,
}

impl Operation for ListEndpointConfigs {
    const NAME: &'static str = "ListEndpointConfigs";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let (found, next_token) = documents(call, CONFIG, &input).await?;
        let summaries = found.into_iter().map(|document| Summary {
            endpoint_config_arn: call.arn("sagemaker", &format!("endpoint-config/{}", document.id)),
            endpoint_config_name: document.id,
            creation_time: Epoch(document.created),
        });
        Ok(Output {
            endpoint_configs: summaries.collect(),
            next_token,
        })
    }
}
