//! `CreateBudget`: a budget of Tradewind's. It refuses runs that would pass it when tags alone, or
//! nothing, narrow it; the resource tag `tradewind:hard` = `false` leaves it at alerts.

use super::tag_resource::{HARD, hard};
use crate::budgets::fault::{duplicate, fault, said};
use crate::budgets::kept::{Kept, own_account, put};
use crate::budgets::notifications::{Notified, add};
use crate::budgets::wire::Sent;
use crate::ce::reading::reading;
use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation, read};
use crate::sagemaker::tags::{self, Tag};
use serde::Deserialize;
use serde_json::Value;

pub(crate) struct CreateBudget;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    account_id: String,
    budget: Value,
    #[serde(default)]
    notifications_with_subscribers: Vec<Notified>,
    #[serde(default)]
    resource_tags: Vec<Tag>,
}

impl Operation for CreateBudget {
    const NAME: &'static str = "CreateBudget";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        own_account(call, &input.account_id)?;
        let now = call.aws.control.world.now();
        let sent: Sent = read(input.budget.clone())?;
        let asked = input.resource_tags.iter().find(|tag| tag.key == HARD);
        let advisory = asked.map(|tag| hard(&tag.value)).transpose()? == Some(false);
        let budget = sent.budget(advisory, now)?;
        let name = budget.name.clone();
        let known = reading(call, move |ledger| {
            Ok(ledger.budgets()?.contains_key(&name))
        });
        if known.await.map_err(said)? {
            let text = format!(
                "Error creating budget: {} - the budget already exists.",
                budget.name
            );
            return Err(duplicate(text));
        }
        let mut kept = Kept {
            ends: sent.end().map(|end| end.0),
            sent: Some(input.budget),
            ..Kept::default()
        };
        for notified in input.notifications_with_subscribers {
            add(&mut kept.notified, notified)?;
        }
        let arn = super::arn(call, &budget.name);
        put(call, budget, kept, None).await?;
        let tagged = tags::add(call.aws, &call.caller(), &arn, &input.resource_tags).await;
        tagged.map_err(fault)?;
        Ok(Nothing {})
    }
}
