//! `POST /costs/forecast`: what will be spent, day by day, with 80 % intervals, currency by currency.

use crate::native::access::Authenticated;
use crate::native::extract::Json;
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use costs::forecast::{Forecast, forecast};
use costs::query::{Filter, Metric};
use costs::series::series;
use domain::Refusal;
use domain::day::Day;
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// Days further ahead than this say nothing.
const MOST_DAYS: u16 = 366;

pub(super) const DESCRIBED: Described = Described {
    id: "forecast_costs",
    method: "post",
    path: "/api/v1/costs/forecast",
    summary: "says what will be spent, day by day, with 80 % intervals",
    query: &[],
    takes: Some(SchemaGenerator::subschema_for::<ForecastQuestion>),
    gives: Some(SchemaGenerator::subschema_for::<Forecasts>),
};

/// Which costs, and how far ahead.
#[derive(Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ForecastQuestion {
    /// Days ahead, 1 to 366.
    days: u16,
    /// Which cost.
    metric: Metric,
    /// All of them must hold.
    filters: Vec<Filter>,
}

impl Default for ForecastQuestion {
    fn default() -> Self {
        Self {
            days: 30,
            metric: Metric::Effective,
            filters: Vec::new(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Forecasts {
    items: Vec<CostForecast>,
}

/// A forecast of one currency.
#[derive(Serialize, JsonSchema)]
struct CostForecast {
    currency: String,
    /// The first day that is not known.
    #[schemars(with = "String")]
    first: Day,
    forecast: Forecast,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Json(asked): Json<ForecastQuestion>,
) -> Result<Json<Forecasts>, Fault> {
    caller.may_administer()?;
    if !(1..=MOST_DAYS).contains(&asked.days) {
        let message = format!("a forecast is of 1 to {MOST_DAYS} days");
        return Err(Fault(Refusal::invalid(message)));
    }
    let (ledger, now) = (native.ledger.clone(), native.control.world.now());
    let answered = tokio::task::spawn_blocking(move || {
        let first = ledger.known_until(Day::from_unix_millis(now.0))?;
        let all = series(&ledger, None, asked.metric, &asked.filters, first)?;
        let items = all.iter().filter_map(|series| {
            Some(CostForecast {
                currency: series.currency.clone(),
                first,
                forecast: forecast(&series.approximate(), usize::from(asked.days))?,
            })
        });
        Ok::<_, costs::Error>(items.collect())
    });
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    let items = answered.await.map_err(failed)?.map_err(Refusal::from)?;
    Ok(Json(Forecasts { items }))
}
