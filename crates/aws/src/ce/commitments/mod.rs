//! Commitments: FOCUS lines that a reservation (category `Usage`) or a savings plan (category
//! `Spend`) paid for, what of them was used, what they covered, and what one more would save.

pub(super) mod coverage;
pub(super) mod purchase;
pub(super) mod utilization;

use super::expression::Expression;
use super::period::{Granularity, Interval};
use super::reading::{ask, unit};
use crate::fault::Fault;
use crate::operation::Call;
use costs::Amount;
use costs::focus::Column;
use costs::query::{Filter, Group, Key, Metric, Test};
use serde::Deserialize;
use serde_json::Value;

/// Which kind of commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Reservation,
    Plan,
}

impl Sort {
    fn category(self) -> &'static str {
        match self {
            Self::Reservation => "Usage",
            Self::Plan => "Spend",
        }
    }
}

/// What requests about commitments share.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    pub(super) time_period: Interval,
    #[serde(default)]
    pub(super) granularity: Option<Granularity>,
    #[serde(default)]
    pub(super) group_by: Vec<GroupBy>,
    #[serde(default)]
    pub(super) filter: Option<Expression>,
    #[serde(default)]
    pub(super) sort_by: Option<Value>,
    #[serde(default, alias = "NextToken")]
    pub(super) next_page_token: Option<String>,
    #[serde(default)]
    pub(super) max_results: Option<usize>,
}

/// A key that is grouped by.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupBy {
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) key: String,
}

impl Input {
    /// Refuses what cannot be answered, and gives the granularity: the whole span is months.
    pub(super) fn granularity(&self) -> Result<Granularity, Fault> {
        if self.sort_by.as_ref().is_some_and(|sort| !sort.is_null()) {
            return Err(Fault::validation(
                "SortBy is not served: sort what is answered",
            ));
        }
        match self.granularity {
            Some(Granularity::Hourly) => Err(Fault::validation(
                "commitments are reported by DAILY and MONTHLY",
            )),
            Some(granularity) => Ok(granularity),
            None => Ok(Granularity::Monthly),
        }
    }
}

/// What of commitments was used and what was not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Figures {
    /// Effective cost of what was used, and of what was not.
    pub(super) used: Amount,
    pub(super) unused: Amount,
    /// What was used, at public prices.
    pub(super) list: Amount,
    /// Hours or units that were used, and that were not.
    pub(super) used_units: Amount,
    pub(super) unused_units: Amount,
}

impl Figures {
    /// Adds a group whose values are effective and list cost and quantity.
    pub(super) fn add(&mut self, group: &Group, status: Option<&str>) {
        let [effective, list, units] = group.values.as_slice() else {
            return;
        };
        if status == Some("Unused") {
            self.unused += *effective;
            self.unused_units += *units;
        } else {
            self.used += *effective;
            self.list += *list;
            self.used_units += *units;
        }
    }

    pub(super) fn whole(&self) -> Amount {
        self.used + self.unused
    }
}

/// Part of a whole in per cent, with two places; nothing of nothing is nothing.
pub(super) fn per_cent(part: Amount, whole: Amount) -> String {
    let share = part.times(Amount::whole(100)).over(whole);
    share.unwrap_or_default().rounded(2).to_string()
}

/// Lines of commitments of a kind, by some keys; the last key is the status. The currency too.
pub(super) async fn lines(
    call: &Call<'_>,
    input: &Input,
    sort: Sort,
    mut by: Vec<Key>,
) -> Result<(Vec<Group>, String), Fault> {
    by.push(Key::Column(Column::CommitmentDiscountStatus));
    let more = vec![
        is(Column::CommitmentDiscountCategory, &[sort.category()]),
        is(Column::CommitmentDiscountStatus, &["Used", "Unused"]),
    ];
    let metrics = vec![Metric::Effective, Metric::List, Metric::Quantity];
    let filter = input.filter.as_ref();
    let answer = ask(call, &input.time_period, filter, more, (by, metrics)).await?;
    let currency = unit(&answer)?;
    Ok((answer.groups, currency))
}

/// Lines whose column is one of some values.
pub(super) fn is(column: Column, values: &[&str]) -> Filter {
    Filter {
        key: Key::Column(column),
        test: Test::Is(values.iter().map(ToString::to_string).collect()),
    }
}

/// There are no lines to answer from.
pub(super) fn unavailable() -> Fault {
    let message = "no line of that time and filter belongs to such a commitment";
    Fault::new("DataUnavailableException", message)
}
