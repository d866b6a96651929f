//! `ListResourceTags`: the tags of a key.

use crate::fault::Fault;
use crate::kms::keys::find;
use crate::kms::operations::tag_resource::{Tag, of};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ListResourceTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
}

impl Operation for ListResourceTags {
    const NAME: &'static str = "ListResourceTags";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let key = find(call, &input.key_id)?;
        let all = of(call, &key.id).await?;
        let tags = all
            .into_iter()
            .map(|(tag_key, tag_value)| Tag { tag_key, tag_value });
        let tags: Vec<Tag> = tags.collect();
        Ok(json!({"Tags": tags, "Truncated": false}))
    }
}
