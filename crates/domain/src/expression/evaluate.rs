//! What an expression is worth in a run.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use super::{Comparison, Expression, Order, Part, Piece, Reference, Template};
use crate::nearest::nearest_names;
use crate::pipeline::StepResult;

/// What an expression may see.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The run's parameters.
    pub parameters: &'a BTreeMap<String, Value>,
    /// The current item, inside a `for-each`.
    pub item: Option<&'a Value>,
    /// The run's id.
    pub run: &'a str,
    /// The steps that succeeded.
    pub steps: &'a dyn StepResults,
}

/// Where an expression finds what the steps gave that it names, which are few of many.
pub trait StepResults {
    /// What a step gave; `None` when it has not succeeded, a loop when not all of its items have.
    fn of_step(&self, step: &str) -> Option<Results<'_>>;
}

impl StepResults for BTreeMap<String, Results<'_>> {
    fn of_step(&self, step: &str) -> Option<Results<'_>> {
        self.get(step).cloned()
    }
}

/// What a step gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Results<'a> {
    /// A step that stands alone.
    One(&'a StepResult),
    /// A loop: one result for each item, in order.
    Many(Vec<&'a StepResult>),
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// Something that is referred to is not there.
    #[error("`{reference}` has no value: {reason}")]
    Missing {
        /// As it is written.
        reference: String,
        /// Why.
        reason: String,
    },
    /// Values of kinds that do not compare.
    #[error("`{left} {sign} {right}` compares {kinds}")]
    Incomparable {
        /// The left value, as JSON.
        left: String,
        /// The comparison.
        sign: &'static str,
        /// The right value, as JSON.
        right: String,
        /// Both kinds, as words.
        kinds: String,
    },
    /// `and`, `or`, `not` or a condition got something else than true or false.
    #[error("`{expression}` is {kind}, expected true or false")]
    NotBoolean {
        /// The part.
        expression: String,
        /// What it is.
        kind: &'static str,
    },
}

impl Expression {
    /// Its value.
    ///
    /// # Errors
    /// [`EvaluationError`] when something referred to is missing or of the wrong kind.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
        match self {
            Self::Literal(value) => Ok(value.clone()),
            Self::Reference(reference) => resolve(reference, scope),
            Self::Not(inner) => Ok(Value::Bool(!inner.holds(scope)?)),
            Self::And(left, right) => Ok(Value::Bool(left.holds(scope)? && right.holds(scope)?)),
            Self::Or(left, right) => Ok(Value::Bool(left.holds(scope)? || right.holds(scope)?)),
            Self::Compare(left, how, right) => {
                compare(&left.evaluate(scope)?, *how, &right.evaluate(scope)?).map(Value::Bool)
            }
        }
    }

    /// Its value as a condition.
    ///
    /// # Errors
    /// As [`Expression::evaluate`], and when it is neither true nor false.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, EvaluationError> {
        match self.evaluate(scope)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(EvaluationError::NotBoolean {
                expression: self.to_string(),
                kind: kind(&other),
            }),
        }
    }
}

impl Template {
    /// Its value. A text that is one `${…}` and nothing else keeps the kind of what it refers to;
    /// any other is a text.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
        if let [Piece::Hole(expression)] = self.pieces.as_slice() {
            return expression.evaluate(scope);
        }
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Hole(expression) => text.push_str(&as_text(&expression.evaluate(scope)?)),
            }
        }
        Ok(Value::String(text))
    }

    /// Its value as a text: texts as they are, lists and maps as JSON.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn evaluate_text(&self, scope: &Scope<'_>) -> Result<String, EvaluationError> {
        self.evaluate(scope).map(|value| as_text(&value))
    }

    /// Its value as texts: the elements of a list, or the one text.
    ///
    /// # Errors
    /// As [`Expression::evaluate`].
    pub fn evaluate_texts(&self, scope: &Scope<'_>) -> Result<Vec<String>, EvaluationError> {
        Ok(match self.evaluate(scope)? {
            Value::Array(elements) => elements.iter().map(as_text).collect(),
            other => vec![as_text(&other)],
        })
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn missing(reference: &Reference, reason: impl Into<String>) -> EvaluationError {
    EvaluationError::Missing {
        reference: reference.to_string(),
        reason: reason.into(),
    }
}

fn resolve(reference: &Reference, scope: &Scope<'_>) -> Result<Value, EvaluationError> {
    match reference {
        Reference::Run => Ok(Value::String(scope.run.to_owned())),
        Reference::Parameter(name) => scope.parameters.get(name).cloned().ok_or_else(|| {
            let known = scope.parameters.keys().map(String::as_str);
            missing(
                reference,
                unknown("there is no such parameter", name, known),
            )
        }),
        Reference::Item(fields) => {
            let mut value = scope
                .item
                .ok_or_else(|| missing(reference, "it is not in a loop"))?;
            for field in fields {
                value = value.get(field).ok_or_else(|| {
                    missing(reference, format!("the item `{value}` has no `{field}`"))
                })?;
            }
            Ok(value.clone())
        }
        Reference::Step { step, part } => match scope.steps.of_step(step) {
            None => Err(missing(reference, format!("step `{step}` has no result"))),
            Some(results) => of_step(reference, part, &results),
        },
    }
}

fn of_step(
    reference: &Reference,
    part: &Part,
    results: &Results<'_>,
) -> Result<Value, EvaluationError> {
    match (part, results) {
        (Part::Best { metric, order }, Results::Many(results)) => {
            best(reference, metric, *order, results)
        }
        (Part::Best { metric, order }, Results::One(result)) => {
            best(reference, metric, *order, &[result])
        }
        (_, Results::One(result)) => of_result(reference, part, result),
        (_, Results::Many(results)) => {
            let values = results
                .iter()
                .map(|result| of_result(reference, part, result));
            values.collect::<Result<_, _>>().map(Value::Array)
        }
    }
}

fn of_result(
    reference: &Reference,
    part: &Part,
    result: &StepResult,
) -> Result<Value, EvaluationError> {
    let reason = match part {
        Part::Model => match &result.model {
            Some(model) => return Ok(Value::String(model.clone())),
            None => "the step left nothing in its model folder".to_owned(),
        },
        Part::Output(name) => match result.outputs.get(name) {
            Some(location) => return Ok(Value::String(location.clone())),
            None => unknown("the step has no such output", name, keys(&result.outputs)),
        },
        Part::Metric(name) => match result.metrics.get(name) {
            Some(metric) => return Ok(Value::from(metric.get())),
            None => unknown(
                "the step reported no such metric",
                name,
                keys(&result.metrics),
            ),
        },
        Part::Value(name) => match result.values.get(name) {
            Some(value) => return Ok(value.clone()),
            None => unknown("the step has no such value", name, keys(&result.values)),
        },
        Part::Best { .. } => "it is asked of a single result".to_owned(),
    };
    Err(missing(reference, reason))
}

fn keys<T>(map: &BTreeMap<String, T>) -> impl Iterator<Item = &str> {
    map.keys().map(String::as_str)
}

/// A reason with the nearest known name, or with what there is.
fn unknown<'a>(reason: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    if let Some(near) = nearest_names(name, known.iter().copied()).first() {
        return format!("{reason}, did you mean `{near}`?");
    }
    let shown: Vec<String> = known
        .iter()
        .take(8)
        .map(|name| format!("`{name}`"))
        .collect();
    if shown.is_empty() {
        reason.to_owned()
    } else {
        format!("{reason}, only {}", shown.join(", "))
    }
}

fn best(
    reference: &Reference,
    metric: &str,
    order: Order,
    results: &[&StepResult],
) -> Result<Value, EvaluationError> {
    let mut chosen: Option<(f64, &StepResult)> = None;
    for result in results {
        let Some(value) = result.metrics.get(metric).map(|metric| metric.get()) else {
            continue;
        };
        let better = chosen.is_none_or(|(so_far, _)| match order {
            Order::Highest => value > so_far,
            Order::Lowest => value < so_far,
        });
        if better {
            chosen = Some((value, result));
        }
    }
    let Some((_, result)) = chosen else {
        let known = results.iter().flat_map(|result| keys(&result.metrics));
        return Err(missing(
            reference,
            unknown("no item reported the metric", metric, known),
        ));
    };
    of_result(reference, &Part::Model, result)
}

fn compare(left: &Value, how: Comparison, right: &Value) -> Result<bool, EvaluationError> {
    let ordering = match (left, right) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a
                .as_f64()
                .zip(b.as_f64())
                .and_then(|(a, b)| a.partial_cmp(&b)),
        },
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    };
    let same_kind = kind(left) == kind(right);
    let null = left.is_null() || right.is_null();
    let holds = match (how, ordering) {
        (Comparison::Equal, Some(ordering)) => Some(ordering == Ordering::Equal),
        (Comparison::NotEqual, Some(ordering)) => Some(ordering != Ordering::Equal),
        (Comparison::Equal, None) if same_kind || null => Some(left == right),
        (Comparison::NotEqual, None) if same_kind || null => Some(left != right),
        (Comparison::Less, Some(ordering)) => Some(ordering == Ordering::Less),
        (Comparison::LessOrEqual, Some(ordering)) => Some(ordering != Ordering::Greater),
        (Comparison::Greater, Some(ordering)) => Some(ordering == Ordering::Greater),
        (Comparison::GreaterOrEqual, Some(ordering)) => Some(ordering != Ordering::Less),
        _ => None,
    };
    holds.ok_or_else(|| EvaluationError::Incomparable {
        left: shortened(left),
        sign: how.symbol(),
        right: shortened(right),
        kinds: format!("{} with {}", kind(left), kind(right)),
    })
}

fn shortened(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 {
        return text;
    }
    text.chars().take(59).chain(['…']).collect()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
