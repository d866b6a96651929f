//! `costs forecast`: what will be spent.

use super::{end, failed, narrow};
use crate::arguments::Narrowing;
use crate::failure::Failure;
use crate::output::Output;
use costs::Ledger;
use costs::forecast::{Forecast, forecast};
use costs::query::{Filter, Key, Test};
use costs::series::series;
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
    days: usize,
    metric: &str,
    narrowing: &Narrowing,
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
    for answer in &answers {
        show(answer, days, output);
    }
    Ok(())
}

fn show(answer: &Answer, days: usize, output: Output) {
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
    for (at, day) in forecast.days.iter().enumerate().take(14) {
        let date = Day::from_days(answer.first.days() + at as i32);
        output.say(format!(
            "  {date}  {:>12.2}  {:>12.2} … {:.2}",
            day.mid, day.low, day.high
        ));
    }
}
