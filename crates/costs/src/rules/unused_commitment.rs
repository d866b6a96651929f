//! Commitments that were paid and not used.

use super::{Advice, Apply, Context, Rule, is};
use crate::Error;
use crate::amount::Amount;
use crate::focus::Column;
use crate::query::Key;

pub(super) struct UnusedCommitment;

impl Rule for UnusedCommitment {
    fn name(&self) -> &'static str {
        "unused-commitment"
    }

    fn inputs(&self) -> &'static str {
        "lines with a `CommitmentDiscountStatus`"
    }

    fn look(&self, context: &Context<'_>) -> Result<Result<Vec<Advice>, String>, Error> {
        let by = vec![
            Key::Column(Column::CommitmentDiscountId),
            Key::Column(Column::CommitmentDiscountStatus),
        ];
        let given = vec![is("CommitmentDiscountStatus", &["Used", "Unused"])?];
        let answer = context.ledger.ask(&context.question(by, given))?;
        if answer.groups.is_empty() {
            let days = context.days;
            return Ok(Err(format!(
                "no line of {days} days belongs to a commitment"
            )));
        }
        let mut advice = Vec::new();
        for group in &answer.groups {
            let unused = group.values[0];
            if group.keys[1].as_deref() != Some("Unused") || unused <= Amount::ZERO {
                continue;
            }
            let same = answer
                .groups
                .iter()
                .filter(|other| other.keys[0] == group.keys[0] && other.currency == group.currency);
            let whole: Amount = same.map(|other| other.values[0]).sum();
            let share = unused.part(100, whole.atoms().max(1)).atoms();
            let name = group.keys[0]
                .clone()
                .unwrap_or_else(|| "a commitment without id".to_owned());
            advice.push(Advice {
                rule: "unused-commitment",
                subject: name.clone(),
                change: "move eligible usage to it, exchange it, or let it end".to_owned(),
                evidence: vec![format!(
                    "{} of {} {} were not used, {share} %, in {} days",
                    unused.for_people(),
                    whole.for_people(),
                    group.currency,
                    context.days
                )],
                saving_per_month: Some(context.per_month(unused)),
                currency: group.currency.clone(),
                confidence: super::by_history(context.days.max(0) as usize),
                risk: "usage that comes back would be paid at standard prices".to_owned(),
                undo: "none after an exchange".to_owned(),
                apply: Apply::Hand {
                    what: format!("change or end `{name}` with its provider"),
                },
            });
        }
        Ok(Ok(advice))
    }
}
