//! `costs by`: sums by keys, as a table, JSON, CSV or bars.

use super::draw::{draw, one_currency};
use super::{failed, narrow};
use crate::arguments::ByArguments;
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::query::{self, Answer, Group, Order, Question};

pub(super) fn run(ledger: &Ledger, wanted: &ByArguments, output: Output) -> Result<(), Failure> {
    let mut by = narrow::keys(&wanted.keys)?;
    let over_time = by.iter().any(query::Key::is_time);
    let metrics = narrow::metrics(&wanted.metric)?;
    let unit = query::Key::Column(costs::focus::Column::ConsumedUnit);
    if metrics.contains(&query::Metric::Quantity) && !by.contains(&unit) {
        // Hours and gigabytes are not added up.
        by.push(unit);
    }
    let question = Question {
        metrics,
        order: if over_time {
            Order::Keys
        } else {
            Order::Amount
        },
        limit: Some(wanted.limit),
        by,
        ..narrow::question(&wanted.narrowing)?
    };
    let answer = ledger.ask(&question).map_err(failed)?;
    one_currency(
        &wanted.drawing,
        answer.totals.iter().map(|total| total.currency.as_str()),
    )?;
    let title = format!("{} cost by {}", answer.metrics[0], answer.by.join(", "));
    let drawn = draw(&wanted.drawing, &query::bars(&answer), &title, output)?;
    output.document(&answer);
    if output.json {
        return Ok(());
    }
    if output.csv {
        return csv(&answer, output);
    }
    if !drawn {
        table(&answer, output);
    }
    sums(&answer, output);
    Ok(())
}

fn table(answer: &Answer, output: Output) {
    let heads = answer.by.iter().chain(&answer.metrics).map(String::as_str);
    let heads: Vec<&str> = heads.chain(["currency", "lines"]).collect();
    output.table(&heads, &answer.groups, cells);
}

fn cells(group: &Group) -> Vec<String> {
    let keys = group
        .keys
        .iter()
        .map(|key| key.clone().unwrap_or_else(|| "–".to_owned()));
    let values = group.values.iter().map(|value| value.for_people());
    let rest = [group.currency.clone(), group.lines.to_string()];
    keys.chain(values).chain(rest).collect()
}

fn sums(answer: &Answer, output: Output) {
    if answer.left_out > 0 {
        output.say(format!(
            "… and {} more; `--limit` shows them",
            answer.left_out
        ));
    }
    for total in &answer.totals {
        let values = answer.metrics.iter().zip(&total.values);
        let values = values.map(|(name, value)| format!("{name} {}", value.for_people()));
        let values = values.collect::<Vec<_>>().join(", ");
        output.say(format!(
            "all: {values} {} in {} lines",
            total.currency, total.lines
        ));
    }
}

fn csv(answer: &Answer, output: Output) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Failure::here(error.to_string());
    let heads = answer.by.iter().chain(&answer.metrics).map(String::as_str);
    writer
        .write_record(heads.chain(["currency", "lines"]))
        .map_err(failed)?;
    for group in &answer.groups {
        let keys = group.keys.iter().map(|key| key.clone().unwrap_or_default());
        let values = group.values.iter().map(ToString::to_string);
        let rest = [group.currency.clone(), group.lines.to_string()];
        writer
            .write_record(keys.chain(values).chain(rest))
            .map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| Failure::here(error.to_string()))?;
    output.bytes(&bytes);
    Ok(())
}
