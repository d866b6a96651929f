//! Costs by hour, day or month and up to two dimensions or tags.

use super::expression::{Expression, dimension, tag};
use super::period::{Granularity, Interval, Period};
use super::reading::{ask, estimated, metric, page, unit};
use crate::fault::Fault;
use crate::operation::Call;
use costs::query::{Answer, Group, Key};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Groups of one answer, all periods together.
const PAGE: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    time_period: Interval,
    granularity: Granularity,
    #[serde(default)]
    metrics: Vec<String>,
    #[serde(default)]
    group_by: Vec<GroupBy>,
    #[serde(default)]
    filter: Option<Expression>,
    #[serde(default)]
    next_page_token: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupBy {
    #[serde(rename = "Type")]
    kind: String,
    key: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    #[serde(skip_serializing_if = "Option::is_none")]
    next_page_token: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_definitions: Vec<GroupBy>,
    results_by_time: Vec<ResultByTime>,
    dimension_value_attributes: [Value; 0],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResultByTime {
    time_period: Interval,
    total: Map<String, Value>,
    groups: Vec<Value>,
    estimated: bool,
}

/// Answers.
pub(super) async fn answer(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
    if input.group_by.len() > 2 {
        return Err(Fault::validation("costs are grouped by at most two keys"));
    }
    if input.metrics.is_empty() {
        return Err(Fault::validation("at least one metric is needed"));
    }
    let mut by: Vec<Key> = vec![input.granularity.key()];
    for group in &input.group_by {
        let key = match group.kind.as_str() {
            "DIMENSION" => dimension(&group.key)?,
            "TAG" => tag(&group.key)?,
            other => {
                return Err(Fault::validation(format!(
                    "grouping by `{other}` is not served"
                )));
            }
        };
        if by.contains(&key) {
            return Err(Fault::validation("costs are grouped by two different keys"));
        }
        by.push(key);
    }
    let metrics: Result<Vec<_>, Fault> = input.metrics.iter().map(|m| metric(m)).collect();
    let periods = input.granularity.periods(&input.time_period)?;
    let filter = input.filter.as_ref();
    let answer = ask(call, &input.time_period, filter, Vec::new(), (by, metrics?)).await?;
    let unit = unit(&answer)?;
    let (results, next_page_token) = render(call, &input, answer, periods, &unit)?;
    Ok(Output {
        next_page_token,
        group_definitions: input.group_by,
        results_by_time: results,
        dimension_value_attributes: [],
    })
}

impl Input {
    /// Whether costs are narrowed or grouped by resource.
    pub(super) fn filtered(&self) -> bool {
        self.filter.is_some()
    }
}

/// The periods of a page; one without groups stands in the page of those before it.
fn render(
    call: &Call<'_>,
    input: &Input,
    answer: Answer,
    periods: Vec<Period>,
    unit: &str,
) -> Result<(Vec<ResultByTime>, Option<String>), Fault> {
    let mut by_period: HashMap<String, Vec<Group>> = HashMap::new();
    for mut group in answer.groups {
        if let Some(period) = group.keys.remove(0) {
            by_period.entry(period).or_default().push(group);
        }
    }
    let mut rows: Vec<(usize, Option<Group>)> = Vec::new();
    for (at, period) in periods.iter().enumerate() {
        let groups = by_period.remove(&period.name).unwrap_or_default();
        if groups.is_empty() {
            rows.push((at, None));
        }
        rows.extend(groups.into_iter().map(|group| (at, Some(group))));
    }
    let (rows, next) = page(rows, input.next_page_token.as_deref(), PAGE)?;
    let now = call.aws.control.world.now();
    let mut results: Vec<ResultByTime> = Vec::new();
    let mut last = None;
    for (at, group) in rows {
        if last != Some(at) {
            results.push(ResultByTime {
                time_period: periods[at].interval.clone(),
                total: Map::new(),
                groups: Vec::new(),
                estimated: estimated(periods[at].end, now),
            });
            last = Some(at);
        }
        let Some(result) = results.last_mut() else {
            continue;
        };
        let metrics = metrics(input, group.as_ref(), unit);
        match group {
            Some(group) if !input.group_by.is_empty() => {
                let keys = keys(input, &group);
                result
                    .groups
                    .push(json!({"Keys": keys, "Metrics": metrics}));
            }
            _ if input.group_by.is_empty() => result.total = metrics,
            _ => {}
        }
    }
    Ok((results, next))
}

fn metrics(input: &Input, group: Option<&Group>, unit: &str) -> Map<String, Value> {
    let metric = |(at, name): (usize, &String)| {
        let amount = group.map_or_else(|| "0".to_owned(), |group| group.values[at].to_string());
        let unit = if name.to_ascii_uppercase().contains("USAGE") {
            "N/A"
        } else {
            unit
        };
        (name.clone(), json!({"Amount": amount, "Unit": unit}))
    };
    input.metrics.iter().enumerate().map(metric).collect()
}

/// Dimensions by their value, tags as `key$value`; lines without either as AWS names them.
fn keys(input: &Input, group: &Group) -> Vec<String> {
    let key = |(by, value): (&GroupBy, &Option<String>)| match (by.kind.as_str(), value) {
        ("TAG", value) => format!("{}${}", by.key, value.as_deref().unwrap_or("")),
        (_, Some(value)) => value.clone(),
        (_, None) => {
            let words = by.key.split('_').map(|word| {
                let (first, rest) = word.split_at(1.min(word.len()));
                first.to_owned() + &rest.to_ascii_lowercase()
            });
            format!("No{}", words.collect::<String>())
        }
    };
    input.group_by.iter().zip(&group.keys).map(key).collect()
}
