//! `UntagResource`: takes tags from a group that was made.

use crate::fault::Fault;
use crate::logs::own;
use crate::logs::source::plain;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;
use serde_json::json;

pub(crate) struct UntagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    resource_arn: String,
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let mut tags = own::tags(call, &input.resource_arn).await?;
        tags.retain(|key, _| !input.tag_keys.contains(key));
        own::change_group(call, plain(&input.resource_arn), move |body| {
            body["tags"] = json!(tags);
        })
        .await?;
        Ok(Nothing {})
    }
}
