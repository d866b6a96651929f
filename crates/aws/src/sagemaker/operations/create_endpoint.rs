//! `CreateEndpoint`: deploys a configuration's variants behind a name.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::endpoints::{self, apply};
use crate::sagemaker::fault::already_existing;
use crate::sagemaker::names;
use crate::sagemaker::tags::{self, Tag};
use crate::sagemaker::variants::Endpoint;
use serde::{Deserialize, Serialize};

pub(crate) struct CreateEndpoint;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    endpoint_name: String,
    endpoint_config_name: String,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    endpoint_arn: String,
}

impl Operation for CreateEndpoint {
    const NAME: &'static str = "CreateEndpoint";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let name = &input.endpoint_name;
        names::check("EndpointName", name, 63)?;
        let arn = call.arn("sagemaker", &format!("endpoint/{name}"));
        if endpoints::find(call, name).await?.is_some() {
            return Err(already_existing("endpoint", &arn));
        }
        apply(call, name, &Endpoint::of(&input.endpoint_config_name)).await?;
        tags::add(call.aws, &call.caller(), &arn, &input.tags).await?;
        Ok(Output { endpoint_arn: arn })
    }
}
