//! `TagResource`: adds tags to a group that was made.

use crate::fault::Fault;
use crate::logs::own;
use crate::logs::source::plain;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) struct TagResource;

/// Most tags of a group.
const MOST: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    resource_arn: String,
    tags: BTreeMap<String, String>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let mut tags = own::tags(call, &input.resource_arn).await?;
        tags.extend(input.tags);
        if tags.len() > MOST {
            return Err(Fault::new(
                "TooManyTagsException",
                format!("a log group has at most {MOST} tags"),
            ));
        }
        own::change_group(call, plain(&input.resource_arn), move |body| {
            body["tags"] = json!(tags);
        })
        .await?;
        Ok(Nothing {})
    }
}
