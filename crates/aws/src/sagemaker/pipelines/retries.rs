//! `RetryPolicies` of a step as rules.

use domain::Span;
use domain::execution::{FailureClass, RetryRule};
use serde::Deserialize;

/// As the definition spells it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    exception_type: Vec<String>,
    #[serde(default = "one")]
    interval_seconds: u32,
    #[serde(default = "two")]
    backoff_rate: f64,
    #[serde(default)]
    max_attempts: Option<u32>,
    #[serde(default)]
    expire_after_min: Option<u32>,
}

fn one() -> u32 {
    1
}

fn two() -> f64 {
    2.0
}

impl Policy {
    /// As a rule.
    ///
    /// # Errors
    /// The exception that is not known, or what is out of bounds.
    pub(crate) fn rule(&self) -> Result<RetryRule, String> {
        let mut classes = Vec::new();
        for name in &self.exception_type {
            classes.extend_from_slice(classes_of(name).ok_or_else(|| {
                format!("the ExceptionType `{name}` of a retry policy is not known")
            })?);
        }
        if !(0.0..=1_000.0).contains(&self.backoff_rate) {
            return Err("the BackoffRate of a retry policy is out of bounds".to_owned());
        }
        if self
            .max_attempts
            .is_some_and(|most| !(1..=20).contains(&most))
        {
            return Err("the MaxAttempts of a retry policy must be 1 to 20".to_owned());
        }
        if self.max_attempts.is_some() && self.expire_after_min.is_some() {
            return Err(
                "a retry policy has either MaxAttempts or ExpireAfterMin, not both".to_owned(),
            );
        }
        Ok(RetryRule {
            classes,
            interval: Span::seconds(i64::from(self.interval_seconds)),
            growth: (self.backoff_rate * 1_000.0) as u32,
            // The first try is none of the attempts that a policy counts.
            attempts: self.max_attempts.map(|most| most + 1),
            expires: self
                .expire_after_min
                .map(|minutes| Span::minutes(i64::from(minutes))),
        })
    }
}

fn classes_of(name: &str) -> Option<&'static [FailureClass]> {
    Some(match name {
        "Step.SERVICE_FAULT" => &[FailureClass::Service],
        "Step.THROTTLING" => &[FailureClass::Throttled],
        "SageMaker.RESOURCE_LIMIT" => &[FailureClass::Quota],
        "SageMaker.CAPACITY_ERROR" => &[FailureClass::Capacity],
        "SageMaker.JOB_INTERNAL_ERROR" => &[FailureClass::Internal],
        "ALL" | "All" => &[
            FailureClass::Service,
            FailureClass::Throttled,
            FailureClass::Quota,
            FailureClass::Capacity,
            FailureClass::Internal,
        ],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(value: serde_json::Value) -> Policy {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn policies_are_rules() {
        let rule = policy(json!({
            "ExceptionType": ["Step.THROTTLING", "SageMaker.JOB_INTERNAL_ERROR"],
            "IntervalSeconds": 5, "BackoffRate": 1.5, "MaxAttempts": 3
        }));
        let rule = rule.rule().unwrap();
        assert_eq!(
            rule.classes,
            [FailureClass::Throttled, FailureClass::Internal]
        );
        assert_eq!((rule.growth, rule.attempts), (1_500, Some(4)));
        let unknown = policy(json!({"ExceptionType": ["Nope"], "MaxAttempts": 1}));
        assert!(unknown.rule().is_err());
        let both = json!({"ExceptionType": ["ALL"], "MaxAttempts": 1, "ExpireAfterMin": 1});
        assert!(policy(both).rule().is_err());
    }
}
