//! `budgets`: limits on what a month may cost, and how they stand.

use super::costs::{amount, failed, ledger, narrow};
use crate::arguments::{Arguments, BudgetAction, BudgetArguments};
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::budgets::{Budget, Standing};

pub(super) fn run(
    arguments: &Arguments,
    wanted: &BudgetArguments,
    output: Output,
) -> Result<(), Failure> {
    let ledger = ledger(arguments)?;
    match &wanted.action {
        None => list(&ledger, wanted.csv, output),
        Some(BudgetAction::Remove { name }) => {
            if !ledger.remove_budget(name).map_err(failed)? {
                return Err(Failure::usage(format!("there is no budget `{name}`")));
            }
            output.say(format!("removed `{name}`"));
            Ok(())
        }
        Some(set) => self::set(&ledger, set, output),
    }
}

fn set(ledger: &Ledger, action: &BudgetAction, output: Output) -> Result<(), Failure> {
    let BudgetAction::Set {
        name,
        amount: most,
        currency,
        tag,
        narrow,
        metric,
        alert,
        hard,
    } = action
    else {
        return Ok(());
    };
    let tags = tag.iter().map(|tag| narrow::filter(&format!("tag:{tag}")));
    let keys = narrow.iter().map(|narrow| narrow::filter(narrow));
    let filters: Result<Vec<_>, Failure> = tags.chain(keys).collect();
    let budget = Budget {
        name: name.clone(),
        amount: amount(most)?,
        currency: currency.clone(),
        metric: narrow::metrics(metric)?[0],
        filters: filters?,
        thresholds: alert.clone(),
        hard: *hard,
    };
    ledger.set_budget(budget.clone()).map_err(failed)?;
    output.document(&budget);
    let kind = if *hard { "hard budget" } else { "budget" };
    output.say(format!("{kind} `{name}`: {most} {currency} a month"));
    Ok(())
}

fn list(ledger: &Ledger, as_csv: bool, output: Output) -> Result<(), Failure> {
    let now = server::system_world().now();
    let budgets = ledger.budgets().map_err(failed)?;
    let standings: Result<Vec<Standing>, costs::Error> = budgets
        .values()
        .map(|budget| ledger.standing(budget, now))
        .collect();
    let standings = standings.map_err(failed)?;
    if as_csv {
        return csv(&standings, output);
    }
    let heads = [
        "budget",
        "month",
        "spent",
        "of",
        "forecast (80 %)",
        "currency",
        "kind",
    ];
    output.table(&heads, &standings, |standing| {
        let budget = &standing.budget;
        let forecast = standing.forecast.map_or_else(
            || "–".to_owned(),
            |[low, mid, high]| {
                let (low, high) = (low.for_people(), high.for_people());
                format!("{} ({low} … {high})", mid.for_people())
            },
        );
        vec![
            budget.name.clone(),
            standing.month.clone(),
            standing.spent.for_people(),
            budget.amount.for_people(),
            forecast,
            budget.currency.clone(),
            if budget.hard { "hard" } else { "alerts" }.to_owned(),
        ]
    });
    for alert in standings.iter().flat_map(|standing| &standing.alerts) {
        output.say(alert);
    }
    Ok(())
}

/// One line for each budget.
fn csv(standings: &[Standing], output: Output) -> Result<(), Failure> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let failed = |error: ::csv::Error| Failure::here(error.to_string());
    let heads = [
        "budget", "month", "spent", "amount", "low", "forecast", "high", "currency", "hard",
    ];
    writer.write_record(heads).map_err(failed)?;
    for standing in standings {
        let forecast = standing
            .forecast
            .map(|range| range.map(|amount| amount.to_string()));
        let [low, mid, high] = forecast.unwrap_or_default();
        let record = [
            standing.budget.name.clone(),
            standing.month.clone(),
            standing.spent.to_string(),
            standing.budget.amount.to_string(),
            low,
            mid,
            high,
            standing.budget.currency.clone(),
            standing.budget.hard.to_string(),
        ];
        writer.write_record(record).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Failure::here(error.to_string()))?;
    output.bytes(&bytes);
    Ok(())
}
