//! How much of what could have been covered by commitments was.

use super::{Figures, Input, Sort, is, lines, per_cent, unavailable};
use crate::ce::expression::dimension;
use crate::ce::reading::{ask, page};
use crate::fault::Fault;
use crate::operation::Call;
use costs::Amount;
use costs::focus::Column;
use costs::query::{Filter, Group, Key, Metric};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What was covered, and what was paid at standard prices.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    covered: Figures,
    standard: Amount,
    standard_units: Amount,
}

/// Usage at standard prices that commitments could cover, as the advice of commitments reads it.
pub(super) fn eligible() -> Vec<Filter> {
    vec![
        is(Column::ChargeCategory, &["Usage"]),
        is(Column::PricingCategory, &["Standard"]),
        is(
            Column::ServiceCategory,
            &["Compute", "AI and Machine Learning"],
        ),
    ]
}

type Shares = BTreeMap<(String, Option<String>), Share>;

/// By period and the key of the group, if there is one.
async fn shares(call: &Call<'_>, input: &Input, sort: Sort) -> Result<Shares, Fault> {
    let mut by = vec![input.granularity()?.key()];
    match input.group_by.as_slice() {
        [] => {}
        [one] if one.kind == "DIMENSION" => by.push(dimension(&one.key)?),
        _ => return Err(Fault::validation("coverage is grouped by one dimension")),
    }
    let (covered, _) = lines(call, input, sort, by.clone()).await?;
    let wanted: (Vec<Key>, _) = (by.clone(), vec![Metric::Effective, Metric::Quantity]);
    let filter = input.filter.as_ref();
    let standard = ask(call, &input.time_period, filter, eligible(), wanted).await?;
    let key = |group: &Group| {
        let period = group.keys[0].clone().unwrap_or_default();
        (
            period,
            (by.len() == 2).then(|| group.keys[1].clone()).flatten(),
        )
    };
    let mut shares = Shares::new();
    for group in &covered {
        let status = group.keys.last().and_then(Option::as_deref);
        if status == Some("Used") {
            shares
                .entry(key(group))
                .or_default()
                .covered
                .add(group, status);
        }
    }
    for group in &standard.groups {
        let share = shares.entry(key(group)).or_default();
        share.standard += group.values[0];
        share.standard_units += group.values[1];
    }
    if shares.is_empty() {
        return Err(unavailable());
    }
    Ok(shares)
}

fn attributes(input: &Input, value: Option<&String>) -> Value {
    match (input.group_by.first(), value) {
        (Some(group), Some(value)) => {
            let mut shown = json!({});
            shown[&group.key] = json!(value);
            shown
        }
        _ => json!({}),
    }
}

/// `GetSavingsPlansCoverage`: what plans covered is shown at public prices, as what they did not.
pub(in crate::ce) async fn of_plans(call: &Call<'_>, input: &Input) -> Result<Value, Fault> {
    let shares = shares(call, input, Sort::Plan).await?;
    let mut shown = Vec::new();
    for period in input.granularity()?.periods(&input.time_period)? {
        for ((_, value), share) in shares.iter().filter(|((name, _), _)| *name == period.name) {
            let (covered, standard) = (share.covered.list, share.standard);
            shown.push(json!({
                "Attributes": attributes(input, value.as_ref()),
                "Coverage": {
                    "SpendCoveredBySavingsPlans": covered.to_string(),
                    "OnDemandCost": standard.to_string(),
                    "TotalCost": (covered + standard).to_string(),
                    "CoveragePercentage": per_cent(covered, covered + standard),
                },
                "TimePeriod": period.interval,
            }));
        }
    }
    let size = input.max_results.unwrap_or(1_000).max(1);
    let (shown, next) = page(shown, input.next_page_token.as_deref(), size)?;
    let mut answer = json!({"SavingsPlansCoverages": shown});
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

/// `GetReservationCoverage`: hours that reservations covered of all.
pub(in crate::ce) async fn of_reservations(call: &Call<'_>, input: &Input) -> Result<Value, Fault> {
    let shares = shares(call, input, Sort::Reservation).await?;
    let mut periods = Vec::new();
    for period in input.granularity()?.periods(&input.time_period)? {
        let own: Vec<_> = shares
            .iter()
            .filter(|((name, _), _)| *name == period.name)
            .collect();
        let groups =
            own.iter()
                .filter(|((_, value), _)| value.is_some())
                .map(|((_, value), share)| {
                    json!({
                        "Attributes": attributes(input, value.as_ref()),
                        "Coverage": hours([*share].into_iter()),
                    })
                });
        periods.push(json!({
            "TimePeriod": period.interval,
            "Groups": groups.collect::<Vec<_>>(),
            "Total": hours(own.iter().map(|(_, share)| *share)),
        }));
    }
    Ok(json!({"CoveragesByTime": periods, "Total": hours(shares.values())}))
}

fn hours<'a>(shares: impl Iterator<Item = &'a Share>) -> Value {
    let (mut reserved, mut standard, mut cost) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
    for share in shares {
        reserved += share.covered.used_units;
        standard += share.standard_units;
        cost += share.standard;
    }
    json!({
        "CoverageHours": {
            "OnDemandHours": standard.to_string(),
            "ReservedHours": reserved.to_string(),
            "TotalRunningHours": (reserved + standard).to_string(),
            "CoverageHoursPercentage": per_cent(reserved, reserved + standard),
        },
        "CoverageCost": {"OnDemandCost": cost.to_string()},
    })
}
