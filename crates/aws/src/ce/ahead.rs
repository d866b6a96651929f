//! What days or months to come will cost or use, with the 80 % interval.

use super::expression::Expression;
use super::period::{Granularity, Interval};
use super::reading::{ask, daily, metric};
use crate::fault::Fault;
use crate::operation::Call;
use costs::forecast::{Forecast, Range, forecast};
use costs::query::{Key, Metric};
use costs::series::Series;
use domain::day::Day;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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

/// Forecasts what costs.
pub(super) async fn cost(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
    let metric = metric(&input.metric)?;
    if metric == Metric::Quantity {
        return Err(Fault::validation("GetUsageForecast forecasts usage"));
    }
    let (output, currency) = ahead(call, &input, metric).await?;
    Ok(output.with_unit(&currency))
}

/// Forecasts what is used, in the one unit that it has.
pub(super) async fn usage(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
    let metric = metric(&input.metric)?;
    if metric != Metric::Quantity {
        return Err(Fault::validation("GetCostForecast forecasts costs"));
    }
    let year = Interval::before(call.aws.control.world.now());
    let wanted = (vec![Key::parse("unit").map_err(key)?], vec![metric]);
    let answer = ask(call, &year, input.filter.as_ref(), Vec::new(), wanted).await?;
    let mut units: Vec<String> = answer
        .groups
        .into_iter()
        .filter_map(|mut group| group.keys.swap_remove(0))
        .collect();
    units.sort();
    units.dedup();
    if units.len() > 1 {
        let message = format!(
            "Cost Explorer was unable to identify the usage unit: there are {}; narrow the Filter to \
             one usage type",
            units.join(", ")
        );
        return Err(Fault::new("UnresolvableUsageUnitException", message));
    }
    let unit = units.pop().unwrap_or_else(|| "N/A".to_owned());
    let (output, _) = ahead(call, &input, metric).await?;
    Ok(output.with_unit(&unit))
}

fn key(error: costs::Error) -> Fault {
    Fault::common(error.into())
}

impl Output {
    fn with_unit(mut self, unit: &str) -> Self {
        self.total["Unit"] = json!(unit);
        self
    }
}

async fn ahead(call: &Call<'_>, input: &Input, metric: Metric) -> Result<(Output, String), Fault> {
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
    let (known, all) = daily(call, input.filter.as_ref(), metric, today).await?;
    let history = one(all)?;
    let days = last.days_since(known) as usize;
    let forecast = forecast(&history.approximate(), days).ok_or_else(unknown)?;
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
    let total = together(&forecast, skipped, days);
    let output = Output {
        total: json!({"Amount": decimal(total.mid)}),
        forecast_results_by_time: results,
    };
    Ok((output, history.currency))
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
