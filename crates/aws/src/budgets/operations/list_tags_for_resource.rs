//! `ListTagsForResource`: the tags of a budget.

use super::tag_resource::require_arn;
use crate::budgets::fault::fault;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::tags;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ListTagsForResource;

#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    arn: String,
}

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        require_arn(call, &input.arn).await?;
        let all = tags::of(call.aws, &call.caller(), &input.arn)
            .await
            .map_err(fault)?;
        let shown = all
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        Ok(json!({"ResourceTags": shown.collect::<Vec<Value>>()}))
    }
}
