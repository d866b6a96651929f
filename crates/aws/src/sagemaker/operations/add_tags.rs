//! `AddTags`: adds tags to any resource, by its ARN.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::tags::{self, Tag};
use serde::{Deserialize, Serialize};

pub(crate) struct AddTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    resource_arn: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
}

impl Operation for AddTags {
    const NAME: &'static str = "AddTags";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let arn = tags::named(call, &input.resource_arn)?;
        let caller = call.caller();
        tags::add(call.aws, &caller, arn, &input.tags)
            .await
            .map_err(fault)?;
        let all = tags::of(call.aws, &caller, arn).await.map_err(fault)?;
        let tags = all
            .into_iter()
            .map(|(key, value)| Tag { key, value })
            .collect();
        Ok(Output { tags })
    }
}
