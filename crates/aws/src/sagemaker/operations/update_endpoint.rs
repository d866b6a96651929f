//! `UpdateEndpoint`: replaces what answers behind a name; what answered before goes on until the
//! new deployments are ready.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::endpoints::{apply, require};
use crate::sagemaker::variants::Endpoint;
use serde::{Deserialize, Serialize};

pub(crate) struct UpdateEndpoint;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    endpoint_name: String,
    endpoint_config_name: String,
    #[serde(default)]
    retain_all_variant_properties: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    endpoint_arn: String,
}

impl Operation for UpdateEndpoint {
    const NAME: &'static str = "UpdateEndpoint";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let name = &input.endpoint_name;
        let before = require(call, name).await?;
        let mut wanted = Endpoint::of(&input.endpoint_config_name);
        if input.retain_all_variant_properties {
            wanted.weights = before.document.weights;
            wanted.counts = before.document.counts;
        }
        apply(call, name, &wanted).await?;
        Ok(Output {
            endpoint_arn: call.arn("sagemaker", &format!("endpoint/{name}")),
        })
    }
}
