//! `ListTagsLogGroup`: the tags of a group, by its name.

use crate::fault::Fault;
use crate::logs::own;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct ListTagsLogGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: String,
}

impl Operation for ListTagsLogGroup {
    const NAME: &'static str = "ListTagsLogGroup";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        own::shown_tags(call, &input.log_group_name).await
    }
}
