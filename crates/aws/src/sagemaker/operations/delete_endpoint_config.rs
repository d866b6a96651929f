//! `DeleteEndpointConfig`: forgets a configuration; endpoints that were made of it stay.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::fault::{could_not_find, fault};
use crate::sagemaker::tags;
use crate::sagemaker::variants::CONFIG;
use domain::Refusal;
use serde::Deserialize;

pub(crate) struct DeleteEndpointConfig;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    endpoint_config_name: String,
}

impl Operation for DeleteEndpointConfig {
    const NAME: &'static str = "DeleteEndpointConfig";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let name = &input.endpoint_config_name;
        let arn = call.arn("sagemaker", &format!("endpoint-config/{name}"));
        let caller = call.caller();
        match call
            .aws
            .control
            .delete_document(&caller, CONFIG, name)
            .await
        {
            Ok(()) => {}
            Err(Refusal::NotFound { .. }) => {
                return Err(could_not_find("endpoint configuration", &arn));
            }
            Err(refusal) => return Err(fault(refusal)),
        }
        tags::forget(call.aws, &caller, &arn).await.map_err(fault)?;
        Ok(Nothing {})
    }
}
