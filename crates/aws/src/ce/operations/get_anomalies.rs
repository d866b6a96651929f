//! `GetAnomalies`: days that cost more than was expected, and what made the difference.

use crate::ce::anomalies::{Sort, all, feedback, found, require};
use crate::ce::expression::named;
use crate::ce::reading::page;
use crate::fault::Fault;
use crate::operation::{Call, Operation};
use costs::anomalies::Anomaly;
use costs::instant;
use domain::day::Day;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct GetAnomalies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    monitor_arn: Option<String>,
    date_interval: Dates,
    #[serde(default)]
    feedback: Option<String>,
    #[serde(default)]
    total_impact: Option<Impact>,
    #[serde(default)]
    next_page_token: Option<String>,
    #[serde(default)]
    max_results: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Dates {
    start_date: String,
    #[serde(default)]
    end_date: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Impact {
    numeric_operator: String,
    start_value: f64,
    #[serde(default)]
    end_value: Option<f64>,
}

impl Operation for GetAnomalies {
    const NAME: &'static str = "GetAnomalies";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let today = Day::from_unix_millis(call.aws.control.world.now().0);
        let from = day(&input.date_interval.start_date)?;
        let last = input
            .date_interval
            .end_date
            .as_deref()
            .map_or(Ok(today), day)?;
        if from > last {
            return Err(Fault::validation("StartDate must not be after EndDate"));
        }
        let monitors = match &input.monitor_arn {
            // An unknown monitor is no declared error of this operation.
            Some(arn) => {
                let found = require(call, Sort::Monitor, arn).await;
                vec![found.map_err(|fault| Fault::validation(fault.message))?]
            }
            None => all(call, Sort::Monitor).await?,
        };
        let mut shown = Vec::new();
        for monitor in &monitors {
            let arn = Sort::Monitor.arn(call, &monitor.id);
            let after = Day::from_days(last.days() + 1);
            for (id, anomaly) in found(call, monitor, from, after).await? {
                if anomaly.first > last || !input.wants(&anomaly) {
                    continue;
                }
                let thought = feedback(call, &id).await?;
                if input.feedback.is_some() && input.feedback != thought {
                    continue;
                }
                shown.push(render(&id, &arn, &anomaly, thought));
            }
        }
        let size = input.max_results.unwrap_or(100).max(1);
        let (part, next) = page(shown, input.next_page_token.as_deref(), size)?;
        let mut answer = json!({"Anomalies": part});
        if let Some(next) = next {
            answer["NextPageToken"] = json!(next);
        }
        Ok(answer)
    }
}

fn day(text: &str) -> Result<Day, Fault> {
    let at = instant::read(text).ok_or_else(|| {
        let text: String = text.chars().take(40).collect();
        Fault::validation(format!("`{text}` is no date such as `2026-05-01`"))
    })?;
    Ok(Day::from_unix_millis(at.0))
}

impl Input {
    fn wants(&self, anomaly: &Anomaly) -> bool {
        let Some(impact) = &self.total_impact else {
            return true;
        };
        let own = (anomaly.actual - anomaly.expected).approximate();
        let least = impact.start_value;
        match impact.numeric_operator.as_str() {
            "EQUAL" => (own - least).abs() < 1e-9,
            "GREATER_THAN_OR_EQUAL" => own >= least,
            "LESS_THAN_OR_EQUAL" => own <= least,
            "GREATER_THAN" => own > least,
            "LESS_THAN" => own < least,
            _ => (least..=impact.end_value.unwrap_or(f64::INFINITY)).contains(&own),
        }
    }
}

fn render(id: &str, monitor: &str, anomaly: &Anomaly, feedback: Option<String>) -> Value {
    let (actual, expected) = (anomaly.actual.approximate(), anomaly.expected.approximate());
    let impact = actual - expected;
    let days = f64::from(anomaly.last.days_since(anomaly.first) + 1);
    let mut shown = json!({
        "AnomalyId": id,
        "AnomalyStartDate": format!("{}T00:00:00Z", anomaly.first),
        "AnomalyEndDate": format!("{}T00:00:00Z", anomaly.last),
        "RootCauses": causes(anomaly),
        "AnomalyScore": {"MaxScore": anomaly.score, "CurrentScore": anomaly.score},
        "Impact": {
            "MaxImpact": impact.max(impact / days),
            "TotalImpact": impact,
            "TotalActualSpend": actual,
            "TotalExpectedSpend": expected,
        },
        "MonitorArn": monitor,
    });
    if expected > 0.0 {
        shown["Impact"]["TotalImpactPercentage"] = json!(impact / expected * 100.0);
    }
    if let Some(key) = &anomaly.key {
        shown["DimensionValue"] = json!(key);
    }
    if let Some(feedback) = feedback {
        shown["Feedback"] = json!(feedback);
    }
    shown
}

/// What changed most, as far as Cost Explorer has a word for it.
fn causes(anomaly: &Anomaly) -> Vec<Value> {
    let mut shown = Vec::new();
    for cause in anomaly
        .explanation
        .iter()
        .flat_map(|explanation| &explanation.causes)
    {
        let member = match named(&cause.key).as_str() {
            "SERVICE" => "Service",
            "REGION" => "Region",
            "LINKED_ACCOUNT" => "LinkedAccount",
            "USAGE_TYPE" => "UsageType",
            _ => continue,
        };
        let Some(value) = &cause.value else { continue };
        let contribution = (cause.during - cause.before).approximate();
        let mut one = json!({"Impact": {"Contribution": contribution}});
        one[member] = json!(value);
        if let Some(key) = anomaly.key.as_ref().filter(|_| member != "Service") {
            one["Service"] = json!(key);
        }
        shown.push(one);
    }
    shown
}
