//! What an alarm watches, and when it alarms.

use crate::fault::Fault;
use crate::monitoring::fault::{combination, missing, value};
use crate::monitoring::figures::Statistic;
use crate::monitoring::queries::{Query, expressions};
use crate::monitoring::wire::{Dimension, Number, Truth, Whole};
use crate::operation::Call;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The members of `PutMetricAlarm`, as they are given back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Definition {
    pub(crate) alarm_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alarm_description: Option<String>,
    #[serde(default = "yes")]
    pub(crate) actions_enabled: Truth,
    #[serde(rename = "OKActions", default)]
    pub(crate) ok_actions: Vec<String>,
    #[serde(default)]
    pub(crate) alarm_actions: Vec<String>,
    #[serde(default)]
    pub(crate) insufficient_data_actions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) metric_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) statistic: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) extended_statistic: Option<String>,
    #[serde(default)]
    pub(crate) dimensions: Vec<Dimension>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) period: Option<Whole>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<String>,
    #[serde(default = "one")]
    pub(crate) evaluation_periods: Whole,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) datapoints_to_alarm: Option<Whole>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) threshold: Option<Number>,
    #[serde(default)]
    pub(crate) comparison_operator: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) treat_missing_data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evaluate_low_sample_count_percentile: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) metrics: Vec<Query>,
    #[serde(default, skip_serializing)]
    threshold_metric_id: Option<Value>,
    #[serde(default, skip_serializing)]
    evaluation_criteria: Option<Value>,
    #[serde(default, skip_serializing)]
    evaluation_window: Option<Value>,
    #[serde(default, skip_serializing)]
    warm_up_configuration: Option<Value>,
}

fn yes() -> Truth {
    Truth(true)
}

fn one() -> Whole {
    Whole(1)
}

/// How a value is held against the threshold, with CloudWatch's words for it.
const OPERATORS: [(&str, &str); 4] = [
    ("GreaterThanOrEqualToThreshold", "greater than or equal to"),
    ("GreaterThanThreshold", "greater than"),
    ("LessThanOrEqualToThreshold", "less than or equal to"),
    ("LessThanThreshold", "less than"),
];

impl Definition {
    /// Refuses what cannot be evaluated.
    pub(crate) fn check(&self, call: &Call<'_>) -> Result<(), Fault> {
        let name = &self.alarm_name;
        if name.is_empty() || name.len() > 255 || name.contains(char::is_control) {
            return Err(value("AlarmName must have from 1 to 255 characters"));
        }
        if [
            &self.threshold_metric_id,
            &self.evaluation_criteria,
            &self.evaluation_window,
            &self.warm_up_configuration,
        ]
        .iter()
        .any(|member| member.is_some())
        {
            return Err(value(
                "alarms on anomaly bands and PromQL, evaluation windows and warm-ups are not served: \
                 give a Threshold",
            ));
        }
        if !OPERATORS
            .iter()
            .any(|(known, _)| *known == self.comparison_operator)
        {
            return Err(value(format!(
                "The value {} for parameter ComparisonOperator is not served",
                self.comparison_operator
                    .chars()
                    .take(60)
                    .collect::<String>()
            )));
        }
        if self.threshold.is_none() {
            return Err(missing("The parameter Threshold is required."));
        }
        let (periods, least) = (self.evaluation_periods.0, self.to_alarm());
        if !(1..=1_440).contains(&periods) || !(1..=periods).contains(&least) {
            return Err(value(
                "EvaluationPeriods must be from 1 to 1440, and DatapointsToAlarm at most that",
            ));
        }
        if !matches!(
            self.missing(),
            "missing" | "ignore" | "breaching" | "notBreaching"
        ) {
            return Err(value(
                "TreatMissingData must be missing, ignore, breaching or notBreaching",
            ));
        }
        let all = [
            &self.alarm_actions,
            &self.ok_actions,
            &self.insufficient_data_actions,
        ];
        for actions in all {
            if actions.len() > 5 || actions.iter().any(|arn| !arn.starts_with("arn:")) {
                return Err(value("a state has at most five actions, each an ARN"));
            }
        }
        self.check_source(call)
    }

    fn check_source(&self, call: &Call<'_>) -> Result<(), Fault> {
        if !self.metrics.is_empty() {
            if self.metric_name.is_some() || self.period.is_some() || self.statistic.is_some() {
                return Err(combination(
                    "Metrics excludes MetricName, Namespace, Period, Statistic and Dimensions",
                ));
            }
            let returned = self
                .metrics
                .iter()
                .filter(|q| q.return_data != Some(Truth(false)));
            if returned.count() != 1 {
                return Err(value("exactly one element of Metrics must return data"));
            }
            return expressions(call, &self.metrics).map(|_| ());
        }
        let (Some(_), Some(_)) = (&self.metric_name, &self.namespace) else {
            return Err(missing(
                "MetricName and Namespace, or Metrics, are required.",
            ));
        };
        match (&self.statistic, &self.extended_statistic) {
            (Some(word), None) | (None, Some(word)) => Statistic::read(word).map(|_| ())?,
            _ => {
                return Err(combination(
                    "either Statistic or ExtendedStatistic is required",
                ));
            }
        }
        let period = self.period.map_or(0, |period| period.0);
        if !(matches!(period, 10 | 30) || period > 0 && period % 60 == 0) {
            return Err(value(
                "The parameter Period must be 10, 30 or a multiple of 60.",
            ));
        }
        if period.saturating_mul(self.evaluation_periods.0) > 7 * 86_400 {
            return Err(value(
                "Period times EvaluationPeriods must be at most seven days",
            ));
        }
        Ok(())
    }

    /// How many of the periods must breach.
    pub(crate) fn to_alarm(&self) -> i64 {
        self.datapoints_to_alarm
            .unwrap_or(self.evaluation_periods)
            .0
    }

    /// What a period without a value counts as.
    pub(crate) fn missing(&self) -> &str {
        self.treat_missing_data.as_deref().unwrap_or("missing")
    }

    /// Whether a value breaches.
    pub(crate) fn breaches(&self, value: f64) -> bool {
        let threshold = self.threshold.map_or(f64::NAN, |threshold| threshold.0);
        match self.comparison_operator.as_str() {
            "GreaterThanOrEqualToThreshold" => value >= threshold,
            "GreaterThanThreshold" => value > threshold,
            "LessThanOrEqualToThreshold" => value <= threshold,
            _ => value < threshold,
        }
    }

    /// The operator in words.
    pub(crate) fn operator(&self) -> &'static str {
        let known = OPERATORS
            .iter()
            .find(|(name, _)| *name == self.comparison_operator);
        known.map_or("beyond", |(_, words)| words)
    }

    /// The series whose values decide, when it is a single one: namespace and name.
    pub(crate) fn of_series(&self) -> Option<String> {
        Some(super::kept::parent(
            self.namespace.as_ref()?,
            self.metric_name.as_ref()?,
        ))
    }

    /// What it watches, as queries.
    pub(crate) fn queries(&self) -> Vec<Query> {
        if !self.metrics.is_empty() {
            return self.metrics.clone();
        }
        let statistic = self.statistic.as_ref().or(self.extended_statistic.as_ref());
        vec![Query {
            id: "m1".to_owned(),
            metric_stat: Some(crate::monitoring::queries::MetricStat {
                metric: crate::monitoring::queries::Metric {
                    namespace: self.namespace.clone().unwrap_or_default(),
                    name: self.metric_name.clone().unwrap_or_default(),
                    dimensions: self.dimensions.clone(),
                },
                period: self.period.unwrap_or(Whole(60)),
                stat: statistic.cloned().unwrap_or_default(),
                unit: self.unit.clone(),
            }),
            expression: None,
            label: None,
            return_data: None,
            period: None,
            account_id: None,
        }]
    }

    /// The length of its periods in seconds: the longest of what it watches.
    pub(crate) fn seconds(&self) -> i64 {
        let own = self.period.map(|period| period.0);
        let all = self.metrics.iter().filter_map(|query| {
            query
                .metric_stat
                .as_ref()
                .map(|stat| stat.period.0)
                .or(query.period.map(|p| p.0))
        });
        own.into_iter().chain(all).max().unwrap_or(60).max(1)
    }
}
