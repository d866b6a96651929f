//! Asking an old question again and comparing the answers.

use serde::{Deserialize, Serialize};

use crate::plan::{Plan, question_hash};
use crate::question::Question;

/// What asking again has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Replay {
    /// The same plan, to the last digit.
    Same,
    /// Something differs.
    Different {
        /// What, one sentence each.
        what: Vec<String>,
    },
}

/// Plans a question again and says in what the answer differs from a plan that is kept.
pub fn replay(kept: &Plan, question: &Question) -> Replay {
    let mut what = Vec::new();
    if !kept.is_intact() {
        what.push("the kept plan does not fit its own hash: it was changed".to_owned());
    }
    if kept.question != question_hash(question) {
        what.push("the question is not the one that the plan answers".to_owned());
    }
    match crate::plan(question) {
        Err(error) => what.push(format!("there is no plan any more: {error}")),
        Ok(now) => compare(kept, &now, &mut what),
    }
    if what.is_empty() {
        Replay::Same
    } else {
        Replay::Different { what }
    }
}

fn compare(kept: &Plan, now: &Plan, what: &mut Vec<String>) {
    if kept.edition != now.edition {
        what.push(format!(
            "the catalog is `{}`, it was `{}`",
            now.edition, kept.edition
        ));
    }
    if kept.cost != now.cost {
        what.push(format!("the cost is {}, it was {}", now.cost, kept.cost));
    }
    if kept.time != now.time {
        what.push(format!("the time is {}, it was {}", now.time, kept.time));
    }
    for (before, after) in kept.placed.iter().zip(&now.placed) {
        let (was, is) = (&before.offer, &after.offer);
        if (&was.site, &was.machine, &was.payment) != (&is.site, &is.machine, &is.payment) {
            what.push(format!(
                "`{}` goes to {} in {}, it went to {} in {}",
                after.workload, is.machine, is.site, was.machine, was.site
            ));
        } else if was.price != is.price {
            what.push(format!(
                "the price of `{}` is {}, it was {}",
                after.workload, is.price.per_hour, was.price.per_hour
            ));
        }
    }
    if what.is_empty() && kept.hash != now.hash {
        what.push("the same placements are explained differently".to_owned());
    }
}
