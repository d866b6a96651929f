//! `ListTagsForResource`: the tags of a group, by its ARN. Groups that are there by themselves have
//! none.

use crate::fault::Fault;
use crate::logs::own;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct ListTagsForResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    resource_arn: String,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        own::shown_tags(call, &input.resource_arn).await
    }
}
