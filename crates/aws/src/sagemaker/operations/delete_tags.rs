//! `DeleteTags`: removes tags from any resource, by its ARN.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::tags;
use serde::Deserialize;

pub(crate) struct DeleteTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for DeleteTags {
    const NAME: &'static str = "DeleteTags";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let arn = tags::named(call, &input.resource_arn)?;
        let caller = call.caller();
        let mut all = tags::of(call.aws, &caller, arn).await.map_err(fault)?;
        all.retain(|key, _| !input.tag_keys.contains(key));
        tags::put(call.aws, &caller, arn, &all)
            .await
            .map_err(fault)?;
        Ok(Nothing {})
    }
}
