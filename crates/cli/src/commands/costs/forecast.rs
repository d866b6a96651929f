//! `costs forecast`: what will be spent.

use super::draw::{draw, one_currency};
use super::{end, failed, narrow};
use crate::arguments::{Drawing, Narrowing};
use crate::failure::Failure;
use crate::output::Output;
use costs::forecast::{Forecast, Range, forecast};
use costs::query::{Bar, Filter, Key, Test};
use costs::series::series;
use costs::{Amount, Ledger};
use domain::day::Day;
use serde::Serialize;

#[derive(Serialize)]
struct Answer {
    currency: String,
    first: Day,
    forecast: Forecast,
}

pub(super) fn run(
    ledger: &Ledger,
    (days, metric): (usize, &str),
    narrowing: &Narrowing,
    drawing: &Drawing,
    output: Output,
) -> Result<(), Failure> {
    let metric = narrow::metrics(metric)?[0];
    let question = narrow::question(narrowing)?;
    let mut filters = question.filters;
    filters.extend(question.currency.map(|currency| Filter {
        key: Key::Column(costs::focus::Column::BillingCurrency),
        test: Test::Is(vec![currency]),
    }));
    let first = end(ledger)?;
    let all = series(ledger, None, metric, &filters, first).map_err(failed)?;
    let answers = all.iter().filter_map(|series| {
        let forecast = forecast(&series.approximate(), days)?;
        Some(Answer {
            currency: series.currency.clone(),
            first,
            forecast,
        })
    });
    let answers: Vec<Answer> = answers.collect();
    output.document(&answers);
    if answers.is_empty() {
        output.say("nothing matches, so nothing can be forecast");
    }
    one_currency(
        drawing,
        answers.iter().map(|answer| answer.currency.as_str()),
    )?;
    let title = format!("forecast of {days} days");
    let drawn = draw(drawing, &bars(&answers), &title, output)?;
    if output.csv {
        output.lines(&answers.iter().flat_map(lines).collect::<Vec<_>>());
    }
    for answer in &answers {
        show(answer, (days, drawn), output);
    }
    Ok(())
}

/// A day as a line of CSV.
#[derive(Serialize)]
struct Line<'a> {
    currency: &'a str,
    day: Day,
    #[serde(flatten)]
    range: Range,
}

fn lines(answer: &Answer) -> impl Iterator<Item = Line<'_>> {
    let days = answer.forecast.days.iter().enumerate();
    days.map(|(at, range)| Line {
        currency: &answer.currency,
        day: Day::from_days(answer.first.days() + at as i32),
        range: *range,
    })
}

/// A bar for each day, as long as what is expected.
fn bars(answers: &[Answer]) -> Vec<Bar> {
    let bar = |line: Line<'_>| Bar {
        label: format!("{} ({})", line.day, line.currency),
        value: Amount::estimated(line.range.mid),
    };
    answers.iter().flat_map(lines).map(bar).collect()
}

fn show(answer: &Answer, (days, drawn): (usize, bool), output: Output) {
    let (forecast, code) = (&answer.forecast, &answer.currency);
    let total = forecast.total;
    output.say(format!(
        "{days} days from {}: {:.2} {code}, between {:.2} and {:.2} with 80 %",
        answer.first, total.mid, total.low, total.high
    ));
    let tried = forecast.origins;
    match forecast.mase {
        Some(mase) => output.say(format!(
            "  by `{}`, tried from {tried} earlier days: its error is {mase:.2} of repeating a week",
            forecast.method
        )),
        None => output.say(format!(
            "  by `{}`; too little history to try it, so the interval is a guess",
            forecast.method
        )),
    }
    if drawn {
        return;
    }
    for (at, day) in forecast.days.iter().enumerate().take(14) {
        let date = Day::from_days(answer.first.days() + at as i32);
        output.say(format!(
            "  {date}  {:>12.2}  {:>12.2} … {:.2}",
            day.mid, day.low, day.high
        ));
    }
    if let Some(more) = forecast.days.len().checked_sub(14).filter(|more| *more > 0) {
        output.say(format!("  … and {more} days more; `--csv` has them"));
    }
}
