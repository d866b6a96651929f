//! `UntagResource`: removes tags of a budget; without `tradewind:hard` it is as it was made.

use super::tag_resource::{HARD, harden, require_arn};
use crate::budgets::fault::fault;
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::tags;
use costs::query::Key;
use serde::Deserialize;

pub(crate) struct UntagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    arn: String,
    resource_tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require_arn(call, &input.arn).await?;
        let caller = call.caller();
        let mut all = tags::of(call.aws, &caller, &input.arn)
            .await
            .map_err(fault)?;
        let decided = all.contains_key(HARD);
        all.retain(|key, _| !input.resource_tag_keys.contains(key));
        if decided && !all.contains_key(HARD) {
            let filters = &found.standing.budget.filters;
            let hard = filters
                .iter()
                .all(|filter| matches!(filter.key, Key::Tag(_)));
            harden(call, found, hard).await?;
        }
        tags::put(call.aws, &caller, &input.arn, &all)
            .await
            .map_err(fault)?;
        Ok(Nothing {})
    }
}
