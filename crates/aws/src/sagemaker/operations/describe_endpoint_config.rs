//! `DescribeEndpointConfig`: what was sent, to the letter.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::{could_not_find, fault};
use crate::sagemaker::variants::CONFIG;
use crate::time::Epoch;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct DescribeEndpointConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    endpoint_config_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(flatten)]
    request: Value,
    endpoint_config_arn: String,
    creation_time: Epoch,
}

impl Operation for DescribeEndpointConfig {
    const NAME: &'static str = "DescribeEndpointConfig";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let name = &input.endpoint_config_name;
        let arn = call.arn("sagemaker", &format!("endpoint-config/{name}"));
        let found = call
            .aws
            .control
            .find_document(&call.caller(), CONFIG, name)
            .await;
        let known = found
            .map_err(fault)?
            .ok_or_else(|| could_not_find("endpoint configuration", &arn))?;
        Ok(Output {
            request: known.document.body,
            endpoint_config_arn: arn,
            creation_time: Epoch(known.document.created),
        })
    }
}
