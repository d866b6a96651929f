//! Queries of several series by periods, and expressions over them.

use super::fault::{combination, value};
use super::figures::{Statistic, check, periods};
use super::math::{Expression, Series, evaluate, parse};
use super::series::{self, Name};
use super::wire::{Dimension, Truth, Whole};
use crate::fault::Fault;
use crate::operation::Call;
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most points of one series.
pub(super) const MOST_POINTS: usize = 100_800;

/// A query: a series' figures, or an expression.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Query {
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) metric_stat: Option<MetricStat>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expression: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) return_data: Option<Truth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) period: Option<Whole>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account_id: Option<String>,
}

/// Figures of a series.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricStat {
    pub(super) metric: Metric,
    pub(super) period: Whole,
    pub(super) stat: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
}

/// A series' name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metric {
    pub(super) namespace: String,
    #[serde(rename = "MetricName")]
    pub(super) name: String,
    #[serde(default)]
    pub(super) dimensions: Vec<Dimension>,
}

/// What is returned of a query; an expression may be several series.
pub(super) struct Answered {
    pub(super) id: String,
    pub(super) series: Series,
}

impl Query {
    fn returned(&self) -> bool {
        self.return_data != Some(Truth(false))
    }
}

/// Answers queries, in their order.
pub(super) async fn answer(
    call: &Call<'_>,
    queries: &[Query],
    span: (Timestamp, Timestamp),
) -> Result<Vec<Answered>, Fault> {
    let waiting = expressions(call, queries)?;
    let mut known: BTreeMap<String, Vec<Series>> = BTreeMap::new();
    let used = used(queries, &waiting);
    for query in queries
        .iter()
        .filter(|query| used.contains(query.id.as_str()))
    {
        if let Some(wanted) = &query.metric_stat {
            let series = figures(call, query, wanted, span).await?;
            known.insert(query.id.clone(), vec![series]);
        }
    }
    let metrics: Vec<String> = queries
        .iter()
        .filter(|q| q.metric_stat.is_some())
        .map(|q| q.id.clone())
        .collect();
    // One that asks for another waits for it; in a circle all wait forever.
    let mut left: Vec<&(&Query, Expression)> = waiting
        .iter()
        .filter(|(query, _)| used.contains(query.id.as_str()))
        .collect();
    while !left.is_empty() {
        let ready = left.iter().position(|(_, expression)| {
            let mut asked = BTreeSet::new();
            ids(expression, &mut asked);
            asked
                .iter()
                .all(|id| known.contains_key(*id) || !queries.iter().any(|q| q.id == **id))
        });
        let Some(at) = ready else {
            return Err(value(
                "Error in expression: expressions refer to each other in a circle",
            ));
        };
        let (query, expression) = left.remove(at);
        let mut series = evaluate(expression, &known, &metrics, span)?;
        if let [one] = series.as_mut_slice() {
            one.label = query.label.clone().unwrap_or_else(|| query.id.clone());
        }
        known.insert(query.id.clone(), series);
    }
    let mut answered = Vec::new();
    for query in queries.iter().filter(|query| query.returned()) {
        for series in known.get(&query.id).into_iter().flatten() {
            answered.push(Answered {
                id: query.id.clone(),
                series: series.clone(),
            });
        }
    }
    Ok(answered)
}

/// Checks queries and reads their expressions.
pub(super) fn expressions<'a>(
    call: &Call<'_>,
    queries: &'a [Query],
) -> Result<Vec<(&'a Query, Expression)>, Fault> {
    let (mut seen, mut read) = (BTreeSet::new(), Vec::new());
    for query in queries {
        let id = &query.id;
        let good = id.starts_with(|c: char| c.is_ascii_lowercase())
            && id.len() <= 255
            && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !good {
            return Err(value(format!(
                "The value {} for parameter Id is invalid: it begins with a small letter and has \
                 letters, digits and _",
                id.chars().take(40).collect::<String>()
            )));
        }
        if !seen.insert(id) {
            return Err(value(format!("The id {id} is given to several queries")));
        }
        if query
            .account_id
            .as_ref()
            .is_some_and(|account| *account != call.aws.account.id)
        {
            return Err(value("AccountId: there is one account"));
        }
        match (&query.metric_stat, &query.expression) {
            (Some(_), None) => {}
            (None, Some(text)) => read.push((query, parse(text)?)),
            _ => {
                return Err(combination(format!(
                    "the query {id} must have either a MetricStat or an Expression"
                )));
            }
        }
    }
    Ok(read)
}

/// The ids that an expression names.
fn ids<'a>(expression: &'a Expression, found: &mut BTreeSet<&'a str>) {
    match expression {
        Expression::Id(id) => {
            found.insert(id);
        }
        Expression::Call(_, items) | Expression::List(items) => {
            for item in items {
                ids(item, found);
            }
        }
        Expression::Negative(inner) => ids(inner, found),
        Expression::Both(_, left, right) => {
            ids(left, found);
            ids(right, found);
        }
        Expression::Number(_) | Expression::Text(_) => {}
    }
}

/// The ids of what is returned and of what that needs; `METRICS()` needs every series.
fn used<'a>(queries: &'a [Query], waiting: &'a [(&Query, Expression)]) -> BTreeSet<&'a str> {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let returned = queries.iter().filter(|query| query.returned());
    let mut open: Vec<&str> = returned.map(|query| query.id.as_str()).collect();
    while let Some(id) = open.pop() {
        if !used.insert(id) {
            continue;
        }
        if let Some((_, expression)) = waiting.iter().find(|(query, _)| query.id == id) {
            let mut named = BTreeSet::new();
            ids(expression, &mut named);
            open.extend(named);
            if calls_metrics(expression) {
                let series = queries.iter().filter(|query| query.metric_stat.is_some());
                open.extend(series.map(|query| query.id.as_str()));
            }
        }
    }
    used
}

fn calls_metrics(expression: &Expression) -> bool {
    match expression {
        Expression::Call(name, items) => name == "METRICS" || items.iter().any(calls_metrics),
        Expression::List(items) => items.iter().any(calls_metrics),
        Expression::Negative(inner) => calls_metrics(inner),
        Expression::Both(_, left, right) => calls_metrics(left) || calls_metrics(right),
        Expression::Id(_) | Expression::Number(_) | Expression::Text(_) => false,
    }
}

async fn figures(
    call: &Call<'_>,
    query: &Query,
    wanted: &MetricStat,
    (from, to): (Timestamp, Timestamp),
) -> Result<Series, Fault> {
    check(from, to, wanted.period.0, MOST_POINTS as i64)?;
    let statistic = Statistic::read(&wanted.stat)?;
    let metric = &wanted.metric;
    let name = Name::new(&metric.namespace, &metric.name, metric.dimensions.clone());
    let samples = series::samples(call, &name, from, to).await?;
    let periods = periods(&samples, wanted.period.0, wanted.unit.as_deref()).into_iter();
    let points = periods.filter_map(|(at, period)| Some((at, period.statistic(statistic)?)));
    Ok(Series {
        label: query.label.clone().unwrap_or_else(|| metric.name.clone()),
        period: wanted.period.0,
        points: points.collect(),
    })
}
