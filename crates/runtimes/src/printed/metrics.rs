//! Finds numbers that a program reports about itself in the lines it prints.
//!
//! Three forms are always read: `name=value` words anywhere in a line (`loss=0.3 epoch=2`), a line
//! that is a JSON object of numbers (`{"loss": 0.3, "epoch": 2}`), and a JSON object that names one
//! metric (`{"metric": "loss", "value": 0.3}`). A configured pattern is searched in every line, as
//! SageMaker does with its `MetricDefinitions`
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/define-train-metrics.html>, November 2026).

use crate::Error;
use domain::Timestamp;
use domain::metric::{Finite, Metric, MetricPattern};
use regex::Regex;
use serde_json::{Map, Value};

/// Words that say at which step a line's numbers were taken; they are no metrics themselves.
const STEPS: [&str; 4] = ["step", "epoch", "global_step", "iteration"];
/// A line longer than this is data, not a report.
const LONGEST_LINE: usize = 8 << 10;
/// Metrics of one line.
const MOST_A_LINE: usize = 100;
const LONGEST_NAME: usize = 128;
/// Memory that one compiled pattern may take.
const PATTERN_MEMORY: usize = 1 << 20;

/// Finds metrics in lines.
#[derive(Debug, Default)]
pub struct MetricFinder {
    patterns: Vec<(String, Regex)>,
}

impl MetricFinder {
    /// With the configured patterns besides the usual forms. A pattern that does not compile, or
    /// that grows beyond a mebibyte, is refused.
    pub fn new(patterns: &[MetricPattern]) -> Result<Self, Error> {
        let compile = |pattern: &MetricPattern| {
            let regex = regex::RegexBuilder::new(&pattern.regex)
                .size_limit(PATTERN_MEMORY)
                .build();
            let regex = regex.map_err(|error| Error::Pattern {
                name: pattern.name.clone(),
                reason: error.to_string(),
            })?;
            Ok((pattern.name.clone(), regex))
        };
        Ok(Self {
            patterns: patterns.iter().map(compile).collect::<Result<_, Error>>()?,
        })
    }

    /// The metrics of one line. NaN and infinities are none.
    pub fn find(&self, at: Timestamp, line: &str) -> Vec<Metric> {
        if line.len() > LONGEST_LINE {
            return Vec::new();
        }
        let mut found = Found {
            at,
            ..Found::default()
        };
        let trimmed = line.trim();
        if trimmed.starts_with('{') && trimmed.ends_with('}') {
            if let Ok(Value::Object(object)) = serde_json::from_str(trimmed) {
                found.object(&object);
            }
        } else if line.contains('=') {
            found.words(line);
        }
        for (name, regex) in &self.patterns {
            for captures in regex.captures_iter(line).take(MOST_A_LINE) {
                let group = captures.get(1).or_else(|| captures.get(0));
                if let Some(value) = group.and_then(|group| number(group.as_str())) {
                    found.metrics.retain(|metric| metric.name != *name);
                    found.add(name, value);
                }
            }
        }
        found.finish()
    }
}

#[derive(Default)]
struct Found {
    at: Timestamp,
    step: Option<i64>,
    metrics: Vec<Metric>,
}

impl Found {
    fn words(&mut self, line: &str) {
        let separator = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
        for word in line.split(separator) {
            if let Some((name, value)) = word.split_once('=')
                && let Some(value) = number(value)
            {
                self.named(name, value);
            }
        }
    }

    fn object(&mut self, object: &Map<String, Value>) {
        let name = ["metric", "name", "metric_name"]
            .iter()
            .find_map(|key| object.get(*key).and_then(Value::as_str));
        let value = ["value", "metric_value"]
            .iter()
            .find_map(|key| object.get(*key));
        if let (Some(name), Some(value)) = (name, value.and_then(Value::as_f64)) {
            self.named(name, value);
            self.step = STEPS.iter().find_map(|key| object.get(*key)?.as_i64());
            return;
        }
        for (name, value) in object {
            if let Some(value) = value.as_f64() {
                self.named(name, value);
            }
        }
    }

    /// A step or a metric, by its name.
    fn named(&mut self, name: &str, value: f64) {
        if STEPS.contains(&name.to_ascii_lowercase().as_str()) && value.fract() == 0.0 {
            self.step.get_or_insert(value as i64);
        } else {
            self.add(name, value);
        }
    }

    fn add(&mut self, name: &str, value: f64) {
        if self.metrics.len() < MOST_A_LINE && is_name(name) && Finite::new(value).is_some() {
            self.metrics.push(Metric {
                name: name.to_owned(),
                value,
                step: None,
                at: self.at,
            });
        }
    }

    fn finish(mut self) -> Vec<Metric> {
        for metric in &mut self.metrics {
            metric.step = self.step;
        }
        self.metrics
    }
}

/// Letters first, then what names of metrics are made of: `val/loss`, `train:auc`, `f1-macro`.
fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_alphanumeric() || "_-./:@".contains(c);
    name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(inner)
}

/// A number as programs print them, a percent sign included.
fn number(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches(['%', '.', ',']);
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<(String, f64, Option<i64>)> {
        let pattern = MetricPattern {
            name: "auc".into(),
            regex: r"auc: ([0-9.]+)".into(),
        };
        let finder = MetricFinder::new(&[pattern]).unwrap();
        let metrics = finder.find(Timestamp(1), line);
        metrics
            .into_iter()
            .map(|metric| (metric.name, metric.value, metric.step))
            .collect()
    }

    #[test]
    fn reads_the_usual_forms() {
        let one = |name: &str, value, step| vec![(name.to_owned(), value, step)];
        assert_eq!(found("accuracy=0.97"), one("accuracy", 0.97, None));
        assert_eq!(
            found("Epoch done: epoch=3, loss=1e-3;"),
            one("loss", 0.001, Some(3))
        );
        assert_eq!(
            found(r#"{"loss": 0.5, "step": 7, "note": "x"}"#),
            one("loss", 0.5, Some(7))
        );
        assert_eq!(
            found(r#"{"metric": "f1", "value": 1, "epoch": 2}"#),
            one("f1", 1.0, Some(2))
        );
        assert_eq!(found("val auc: 0.9 end"), one("auc", 0.9, None));
        assert_eq!(found("done=95%"), one("done", 95.0, None));
    }

    #[test]
    fn what_is_no_number_is_no_metric() {
        for line in [
            "loss=nan",
            "loss=inf",
            "a=b",
            "=1",
            "x==1",
            "{\"a\": }",
            "9x=1",
            "",
            "f(n=3)",
        ] {
            assert!(found(line).is_empty(), "{line}: {:?}", found(line));
        }
        assert!(found(&format!("{}=1", "n".repeat(200))).is_empty());
    }

    #[test]
    fn a_bad_pattern_is_refused_with_its_name() {
        for regex in ["(", "(a{1000}){1000}"] {
            let pattern = MetricPattern {
                name: "auc".into(),
                regex: regex.into(),
            };
            let error = MetricFinder::new(&[pattern]).unwrap_err();
            assert!(error.to_string().contains("`auc`"), "{error}");
        }
    }
}
