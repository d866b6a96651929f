//! Evaluates an expression over series.

use super::functions;
use super::parse::{Expression, Operator};
use crate::fault::Fault;
use crate::monitoring::fault::value;
use domain::Timestamp;
use std::collections::BTreeMap;

/// A series: values by the beginnings of their periods.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    pub(crate) label: String,
    /// Seconds.
    pub(crate) period: i64,
    pub(crate) points: BTreeMap<Timestamp, f64>,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Worth {
    Scalar(f64),
    One(Series),
    Many(Vec<Series>),
    Text(String),
}

/// What is known while an expression is evaluated.
pub(super) struct Known<'a> {
    /// The series of ids.
    pub(super) ids: &'a BTreeMap<String, Vec<Series>>,
    /// The ids that are no expressions, in the order of the request.
    pub(super) metrics: &'a [String],
    /// The span of time that is asked for.
    pub(super) span: (Timestamp, Timestamp),
}

/// The series that an expression is.
pub(crate) fn evaluate(
    expression: &Expression,
    ids: &BTreeMap<String, Vec<Series>>,
    metrics: &[String],
    span: (Timestamp, Timestamp),
) -> Result<Vec<Series>, Fault> {
    let known = Known { ids, metrics, span };
    match worth(expression, &known)? {
        Worth::One(series) => Ok(vec![series]),
        Worth::Many(series) => Ok(series),
        Worth::Scalar(_) | Worth::Text(_) => Err(value(
            "Error in expression: it must be a time series or a list of them",
        )),
    }
}

pub(super) fn worth(expression: &Expression, known: &Known<'_>) -> Result<Worth, Fault> {
    match expression {
        Expression::Number(number) => Ok(Worth::Scalar(*number)),
        Expression::Text(text) => Ok(Worth::Text(text.clone())),
        Expression::Id(id) => match known.ids.get(id).map(Vec::as_slice) {
            None => Err(value(format!(
                "Error in expression: there is no query of the id {id}"
            ))),
            Some([one]) => Ok(Worth::One(one.clone())),
            Some(several) => Ok(Worth::Many(several.to_vec())),
        },
        Expression::Negative(inner) => mapped(worth(inner, known)?, |number| -number),
        Expression::List(items) => {
            let mut all = Vec::new();
            for item in items {
                match worth(item, known)? {
                    Worth::One(series) => all.push(series),
                    Worth::Many(series) => all.extend(series),
                    _ => return Err(value("Error in expression: a list holds time series")),
                }
            }
            Ok(Worth::Many(all))
        }
        Expression::Both(operator, left, right) => {
            combined(*operator, worth(left, known)?, worth(right, known)?)
        }
        Expression::Call(name, arguments) => functions::call(name, arguments, known),
    }
}

/// Each value changed.
pub(super) fn mapped(worth: Worth, change: impl Fn(f64) -> f64) -> Result<Worth, Fault> {
    let each = |mut series: Series| {
        for value in series.points.values_mut() {
            *value = change(*value);
        }
        finite(series)
    };
    match worth {
        Worth::Scalar(number) => Ok(Worth::Scalar(change(number))),
        Worth::One(series) => Ok(Worth::One(each(series))),
        Worth::Many(all) => Ok(Worth::Many(all.into_iter().map(each).collect())),
        Worth::Text(_) => Err(value("Error in expression: a text is no number")),
    }
}

/// A division by nothing and the like have no value.
pub(super) fn finite(mut series: Series) -> Series {
    series.points.retain(|_, value| value.is_finite());
    series
}

/// Two by an operator: numbers with each value of series, series where both have one, lists one by
/// one.
fn combined(operator: Operator, left: Worth, right: Worth) -> Result<Worth, Fault> {
    let of = |a: f64, b: f64| applied(operator, a, b);
    match (left, right) {
        (Worth::Scalar(a), Worth::Scalar(b)) => Ok(Worth::Scalar(of(a, b))),
        (Worth::Scalar(a), right) => mapped(right, |b| of(a, b)),
        (left, Worth::Scalar(b)) => mapped(left, |a| of(a, b)),
        (Worth::One(a), Worth::One(b)) => Ok(Worth::One(joined(&a, &b, of))),
        (Worth::Many(all), Worth::One(b)) => {
            Ok(Worth::Many(all.iter().map(|a| joined(a, &b, of)).collect()))
        }
        (Worth::One(a), Worth::Many(all)) => {
            let each = all.iter().map(|b| Series {
                label: b.label.clone(),
                ..joined(&a, b, of)
            });
            Ok(Worth::Many(each.collect()))
        }
        (Worth::Many(a), Worth::Many(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(&b);
            Ok(Worth::Many(pairs.map(|(a, b)| joined(a, b, of)).collect()))
        }
        (Worth::Many(_), Worth::Many(_)) => Err(value(
            "Error in expression: lists of different lengths are not combined",
        )),
        _ => Err(value("Error in expression: a text is no number")),
    }
}

fn joined(a: &Series, b: &Series, of: impl Fn(f64, f64) -> f64) -> Series {
    let both = a
        .points
        .iter()
        .filter_map(|(at, own)| Some((*at, of(*own, *b.points.get(at)?))));
    finite(Series {
        label: a.label.clone(),
        period: a.period.max(b.period),
        points: both.collect(),
    })
}

fn applied(operator: Operator, a: f64, b: f64) -> f64 {
    let truth = |whether: bool| f64::from(u8::from(whether));
    match operator {
        Operator::Plus => a + b,
        Operator::Minus => a - b,
        Operator::Times => a * b,
        Operator::Over => a / b,
        Operator::Power => a.powf(b),
        Operator::Less => truth(a < b),
        Operator::LessOrEqual => truth(a <= b),
        Operator::Greater => truth(a > b),
        Operator::GreaterOrEqual => truth(a >= b),
        #[expect(clippy::float_cmp, reason = "equality is what was asked for")]
        Operator::Equal => truth(a == b),
        #[expect(clippy::float_cmp, reason = "equality is what was asked for")]
        Operator::Different => truth(a != b),
        Operator::And => truth(a != 0.0 && b != 0.0),
        Operator::Or => truth(a != 0.0 || b != 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;

    fn series(label: &str, values: &[(i64, f64)]) -> Series {
        Series {
            label: label.to_owned(),
            period: 60,
            points: values
                .iter()
                .map(|(minute, value)| (Timestamp(minute * 60_000), *value))
                .collect(),
        }
    }

    fn run(text: &str) -> Result<Vec<Vec<(i64, f64)>>, Fault> {
        let ids = BTreeMap::from([
            (
                "m1".to_owned(),
                vec![series("one", &[(0, 1.0), (1, 4.0), (3, 9.0)])],
            ),
            (
                "m2".to_owned(),
                vec![series("two", &[(0, 2.0), (1, 0.0), (2, 5.0)])],
            ),
        ]);
        let metrics = ["m1".to_owned(), "m2".to_owned()];
        let span = (Timestamp(0), Timestamp(4 * 60_000));
        let found = evaluate(&parse(text)?, &ids, &metrics, span)?;
        let shown = |series: Series| {
            series
                .points
                .into_iter()
                .map(|(at, value)| (at.0 / 60_000, value))
                .collect()
        };
        Ok(found.into_iter().map(shown).collect())
    }

    #[test]
    fn series_are_combined_where_both_have_values() {
        for (text, expected) in [
            ("m1 + m2", vec![(0, 3.0), (1, 4.0)]),
            ("m1 / m2", vec![(0, 0.5)]),
            ("100 * m1 - 1", vec![(0, 99.0), (1, 399.0), (3, 899.0)]),
            ("m1 > 3", vec![(0, 0.0), (1, 1.0), (3, 1.0)]),
            (
                "SUM(METRICS())",
                vec![(0, 3.0), (1, 4.0), (2, 5.0), (3, 9.0)],
            ),
            (
                "MAX([m1, m2])",
                vec![(0, 2.0), (1, 4.0), (2, 5.0), (3, 9.0)],
            ),
            ("m1 / MAX(m1) * 9", vec![(0, 1.0), (1, 4.0), (3, 9.0)]),
            ("FILL(m2, 0)", vec![(0, 2.0), (1, 0.0), (2, 5.0), (3, 0.0)]),
            (
                "FILL(m1, REPEAT)",
                vec![(0, 1.0), (1, 4.0), (2, 4.0), (3, 9.0)],
            ),
            (
                "FILL(m1, LINEAR)",
                vec![(0, 1.0), (1, 4.0), (2, 6.5), (3, 9.0)],
            ),
            ("DIFF(m1)", vec![(1, 3.0), (3, 5.0)]),
            ("RATE(m1) * 60", vec![(1, 3.0), (3, 2.5)]),
            ("RUNNING_SUM(m1)", vec![(0, 1.0), (1, 5.0), (3, 14.0)]),
            ("IF(m1 > 3, m1, 0)", vec![(0, 0.0), (1, 4.0), (3, 9.0)]),
            ("IF(m1 > 3, m1)", vec![(1, 4.0), (3, 9.0)]),
            ("m1 * 0 + PERIOD(m1)", vec![(0, 60.0), (1, 60.0), (3, 60.0)]),
            (
                "TIME_SERIES(7)",
                vec![(0, 7.0), (1, 7.0), (2, 7.0), (3, 7.0)],
            ),
            ("ABS(-m1)", vec![(0, 1.0), (1, 4.0), (3, 9.0)]),
        ] {
            assert_eq!(run(text).unwrap(), vec![expected], "{text}");
        }
        assert_eq!(run("METRICS() * 2").unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_series_is_refused() {
        for bad in [
            "1 + 1",
            "m3",
            "MAX(m1)",
            "SEARCH('x', 'Average')",
            "ANOMALY_DETECTION_BAND(m1)",
            "FOO(m1)",
            "m1 + 'x'",
            "[m1, 1]",
            "METRICS() + [m1]",
            "FILL(m1)",
            "SUM()",
            "IF(1, 2)",
        ] {
            assert_eq!(
                run(bad).unwrap_err().code,
                "InvalidParameterValueException",
                "{bad}"
            );
        }
    }
}
