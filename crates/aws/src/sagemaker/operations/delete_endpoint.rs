//! `DeleteEndpoint`: takes an endpoint down; requests under way are answered first.

use crate::fault::Fault;
use crate::logs;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::endpoints::require;
use crate::sagemaker::fault::fault;
use crate::sagemaker::variants::ENDPOINT;
use crate::sagemaker::{multi_model, tags};
use domain::Refusal;
use serde::Deserialize;

pub(crate) struct DeleteEndpoint;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    endpoint_name: String,
}

impl Operation for DeleteEndpoint {
    const NAME: &'static str = "DeleteEndpoint";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require(call, &input.endpoint_name).await?;
        logs::outlive_endpoint(call, &found.endpoint.name).await?;
        let caller = call.caller();
        let control = &call.aws.control;
        control
            .delete_endpoint(&caller, &found.endpoint.name)
            .await
            .map_err(fault)?;
        match control
            .delete_document(&caller, ENDPOINT, &input.endpoint_name)
            .await
        {
            Ok(()) | Err(Refusal::NotFound { .. }) => {}
            Err(refusal) => return Err(fault(refusal)),
        }
        if multi_model::is_multi_model(&found.endpoint.spec) {
            multi_model::forget_all(call, &found.endpoint.name).await?;
        }
        let arn = call.arn("sagemaker", &format!("endpoint/{}", input.endpoint_name));
        tags::forget(call.aws, &caller, &arn).await.map_err(fault)?;
        Ok(Nothing {})
    }
}
