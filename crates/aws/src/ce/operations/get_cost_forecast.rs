//! `GetCostForecast`: what days or months to come will cost, with the 80 % interval.

use crate::ce::expression::Expression;
use crate::ce::period::{Granularity, Interval};
use crate::ce::reading::{metric, reading};
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use costs::forecast::{Forecast, Range, forecast};
use costs::series::{Series, series};
use domain::day::Day;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct GetCostForecast;

/// The last day that is forecast, from today.
const MOST_DAYS: i32 = 366;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    time_period: Interval,
    metric: String,
    granularity: Granularity,
    #[serde(default)]
    filter: Option<Expression>,
    #[serde(default)]
    prediction_interval_level: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    total: Value,
    forecast_results_by_time: Vec<Value>,
}

impl Operation for GetCostForecast {
    const NAME: &'static str = "GetCostForecast";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        if input
            .prediction_interval_level
            .is_some_and(|level| level != 80)
        {
            return Err(Fault::validation("intervals of 80 % are served"));
        }
        if input.granularity == Granularity::Hourly {
            return Err(Fault::validation("days and months are forecast"));
        }
        let (from, to) = input.time_period.ends()?;
        let today = Day::from_unix_millis(call.aws.control.world.now().0);
        let (first, last) = (Day::from_unix_millis(from.0), Day::from_unix_millis(to.0));
        if first < today || last.days_since(today) > MOST_DAYS {
            let message = "a forecast begins today or later and ends within a year";
            return Err(Fault::validation(message));
        }
        let metric = metric(&input.metric)?;
        let filters = input
            .filter
            .as_ref()
            .map_or_else(|| Ok(Vec::new()), Expression::filters)?;
        let read = reading(call, move |ledger| {
            let known = ledger.known_until(today)?;
            Ok((known, series(&ledger, None, metric, &filters, known)?))
        });
        let (known, all) = read.await?;
        let history = one(all)?;
        let ahead = last.days_since(known) as usize;
        let forecast = forecast(&history.approximate(), ahead).ok_or_else(unknown)?;
        let skipped = first.days_since(known) as usize;
        let mut results = Vec::new();
        for period in input.granularity.periods(&input.time_period)? {
            let end = Day::from_unix_millis(period.end.0).days_since(known) as usize;
            let begin = costs::instant::read(&period.interval.start).map_or(skipped, |at| {
                Day::from_unix_millis(at.0).days_since(known).max(0) as usize
            });
            let range = together(&forecast, begin, end);
            results.push(json!({
                "TimePeriod": period.interval,
                "MeanValue": decimal(range.mid),
                "PredictionIntervalLowerBound": decimal(range.low),
                "PredictionIntervalUpperBound": decimal(range.high),
            }));
        }
        let total = together(&forecast, skipped, ahead);
        Ok(Output {
            total: json!({"Amount": decimal(total.mid), "Unit": history.currency}),
            forecast_results_by_time: results,
        })
    }
}

fn unknown() -> Fault {
    let message = "Insufficient amount of historical data to generate forecast";
    Fault::new("DataUnavailableException", message)
}

fn one(mut all: Vec<Series>) -> Result<Series, Fault> {
    match all.len() {
        0 => Err(unknown()),
        1 => Ok(all.swap_remove(0)),
        _ => {
            let message = "the lines are in several currencies and are not added";
            Err(Fault::new("DataUnavailableException", message))
        }
    }
}

/// Several days: the whole forecast by its own interval, parts by the days' intervals, which are wide.
fn together(forecast: &Forecast, begin: usize, end: usize) -> Range {
    if begin == 0 && end == forecast.days.len() {
        return forecast.total;
    }
    let days = forecast.days.get(begin..end).unwrap_or_default();
    let sum = |of: fn(&Range) -> f64| days.iter().map(of).sum();
    Range {
        low: sum(|day| day.low),
        mid: sum(|day| day.mid),
        high: sum(|day| day.high),
    }
}

fn decimal(value: f64) -> String {
    costs::Amount::estimated(value).to_string()
}
