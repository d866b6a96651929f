//! How much of what was committed to was used.

use super::{Figures, Input, Sort, lines, per_cent, unavailable};
use crate::ce::reading::page;
use crate::fault::Fault;
use crate::operation::Call;
use costs::focus::Column;
use costs::query::Key;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// By period and, where it is asked for, by commitment.
async fn figures(
    call: &Call<'_>,
    input: &Input,
    sort: Sort,
    by_commitment: bool,
) -> Result<BTreeMap<(String, Option<String>), Figures>, Fault> {
    let mut by = vec![input.granularity()?.key()];
    if by_commitment {
        by.push(Key::Column(Column::CommitmentDiscountId));
    }
    let (groups, _) = lines(call, input, sort, by).await?;
    let mut found: BTreeMap<(String, Option<String>), Figures> = BTreeMap::new();
    for group in &groups {
        let period = group.keys[0].clone().unwrap_or_default();
        let commitment = by_commitment.then(|| group.keys[1].clone()).flatten();
        let status = group.keys.last().and_then(Option::as_deref);
        found
            .entry((period, commitment))
            .or_default()
            .add(group, status);
    }
    if found.is_empty() {
        return Err(unavailable());
    }
    Ok(found)
}

fn total<'a>(all: impl Iterator<Item = &'a Figures>) -> Figures {
    all.fold(Figures::default(), |sum, one| Figures {
        used: sum.used + one.used,
        unused: sum.unused + one.unused,
        list: sum.list + one.list,
        used_units: sum.used_units + one.used_units,
        unused_units: sum.unused_units + one.unused_units,
    })
}

/// A savings plan's figures. What was paid upfront is not told from what recurs.
fn plan(figures: &Figures) -> Value {
    json!({
        "Utilization": {
            "TotalCommitment": figures.whole().to_string(),
            "UsedCommitment": figures.used.to_string(),
            "UnusedCommitment": figures.unused.to_string(),
            "UtilizationPercentage": per_cent(figures.used, figures.whole()),
        },
        "Savings": {
            "NetSavings": (figures.list - figures.whole()).to_string(),
            "OnDemandCostEquivalent": figures.list.to_string(),
        },
        "AmortizedCommitment": {"TotalAmortizedCommitment": figures.whole().to_string()},
    })
}

/// A reservation's figures.
fn reservation(figures: &Figures) -> Value {
    let purchased = figures.used_units + figures.unused_units;
    json!({
        "UtilizationPercentage": per_cent(figures.used_units, purchased),
        "PurchasedHours": purchased.to_string(),
        "TotalActualHours": figures.used_units.to_string(),
        "UnusedHours": figures.unused_units.to_string(),
        "OnDemandCostOfRIHoursUsed": figures.list.to_string(),
        "NetRISavings": (figures.list - figures.whole()).to_string(),
        "TotalAmortizedFee": figures.whole().to_string(),
        "RICostForUnusedHours": figures.unused.to_string(),
        "RealizedSavings": (figures.list - figures.used).to_string(),
    })
}

/// `GetSavingsPlansUtilization`.
pub(in crate::ce) async fn of_plans(call: &Call<'_>, input: &Input) -> Result<Value, Fault> {
    let found = figures(call, input, Sort::Plan, false).await?;
    let mut periods = Vec::new();
    for period in input.granularity()?.periods(&input.time_period)? {
        if let Some(figures) = found.get(&(period.name, None)) {
            let mut shown = plan(figures);
            shown["TimePeriod"] = json!(period.interval);
            periods.push(shown);
        }
    }
    Ok(json!({
        "SavingsPlansUtilizationsByTime": periods,
        "Total": plan(&total(found.values())),
    }))
}

/// `GetSavingsPlansUtilizationDetails`: plan by plan over the whole span.
pub(in crate::ce) async fn of_each_plan(call: &Call<'_>, input: &Input) -> Result<Value, Fault> {
    let found = figures(call, input, Sort::Plan, true).await?;
    let mut plans: BTreeMap<String, Figures> = BTreeMap::new();
    for ((_, id), figures) in &found {
        let id = id.clone().unwrap_or_else(|| "a plan without id".to_owned());
        let own = plans.entry(id).or_default();
        *own = total([*own, *figures].iter());
    }
    let whole = plan(&total(plans.values()));
    let shown: Vec<Value> = plans
        .into_iter()
        .map(|(id, figures)| {
            let mut shown = plan(&figures);
            shown["SavingsPlanArn"] = json!(id);
            shown
        })
        .collect();
    let size = input.max_results.unwrap_or(1_000).max(1);
    let (shown, next) = page(shown, input.next_page_token.as_deref(), size)?;
    let mut answer = json!({
        "SavingsPlansUtilizationDetails": shown,
        "Total": whole,
        "TimePeriod": input.time_period,
    });
    if let Some(next) = next {
        answer["NextToken"] = json!(next);
    }
    Ok(answer)
}

/// `GetReservationUtilization`, by subscription where that is asked for.
pub(in crate::ce) async fn of_reservations(call: &Call<'_>, input: &Input) -> Result<Value, Fault> {
    let grouped = match input.group_by.as_slice() {
        [] => false,
        [one] if one.kind == "DIMENSION" && one.key == "SUBSCRIPTION_ID" => true,
        _ => {
            return Err(Fault::validation(
                "reservations are grouped by SUBSCRIPTION_ID",
            ));
        }
    };
    let found = figures(call, input, Sort::Reservation, grouped).await?;
    let mut periods = Vec::new();
    for period in input.granularity()?.periods(&input.time_period)? {
        let own: Vec<_> = found
            .iter()
            .filter(|((name, _), _)| *name == period.name)
            .collect();
        if own.is_empty() {
            continue;
        }
        let groups = own.iter().filter_map(|((_, id), figures)| {
            let id = id.as_ref()?;
            Some(json!({
                "Key": "SUBSCRIPTION_ID",
                "Value": id,
                "Attributes": {},
                "Utilization": reservation(figures),
            }))
        });
        periods.push(json!({
            "TimePeriod": period.interval,
            "Groups": groups.collect::<Vec<_>>(),
            "Total": reservation(&total(own.iter().map(|(_, figures)| *figures))),
        }));
    }
    Ok(json!({
        "UtilizationsByTime": periods,
        "Total": reservation(&total(found.values())),
    }))
}
