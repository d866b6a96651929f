//! `TagResource`: tags of a budget; `tradewind:hard` says whether it refuses what would pass it.

use crate::budgets::fault::{fault, not_found, value};
use crate::budgets::kept::{Found, put, require};
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use crate::sagemaker::tags::{self, Tag};
use costs::query::Key;
use serde::Deserialize;

pub(crate) struct TagResource;

/// The tag that decides.
pub(super) const HARD: &str = "tradewind:hard";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(rename = "ResourceARN")]
    arn: String,
    resource_tags: Vec<Tag>,
}

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let found = require_arn(call, &input.arn).await?;
        let asked = input.resource_tags.iter().find(|tag| tag.key == HARD);
        if let Some(tag) = asked {
            let hard = hard(&tag.value)?;
            harden(call, found, hard).await?;
        }
        let tagged = tags::add(call.aws, &call.caller(), &input.arn, &input.resource_tags).await;
        tagged.map_err(fault)?;
        Ok(Nothing {})
    }
}

/// What the tag's value says.
pub(super) fn hard(text: &str) -> Result<bool, Fault> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(value(format!("the tag {HARD} is `true` or `false`"))),
    }
}

/// Whether a budget was asked to give alerts only.
pub(super) async fn advisory(call: &Call<'_>, name: &str) -> Result<bool, Fault> {
    let arn = super::arn(call, name);
    let all = tags::of(call.aws, &call.caller(), &arn)
        .await
        .map_err(fault)?;
    Ok(all.get(HARD).is_some_and(|value| value == "false"))
}

/// Makes a budget hard, or leaves it at alerts.
pub(super) async fn harden(call: &Call<'_>, found: Found, hard: bool) -> Result<(), Fault> {
    let mut budget = found.standing.budget;
    let narrowed = budget
        .filters
        .iter()
        .any(|filter| !matches!(filter.key, Key::Tag(_)));
    if hard && narrowed {
        return Err(value(
            "a budget that is narrowed by more than tags cannot be hard: nothing else is known of a \
             run before it has run",
        ));
    }
    if budget.hard != hard {
        budget.hard = hard;
        put(call, budget, found.kept, found.revision).await?;
    }
    Ok(())
}

/// The budget of an ARN.
pub(super) async fn require_arn(call: &Call<'_>, arn: &str) -> Result<Found, Fault> {
    let name = arn.strip_prefix(&super::arn(call, ""));
    let name = name.ok_or_else(|| not_found(format!("there is no budget `{arn}`")))?;
    require(call, &call.aws.account.id, name).await
}
