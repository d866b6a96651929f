//! The functions of metric math.

use super::evaluate::{Known, Series, Worth, finite, mapped, worth};
use super::parse::Expression;
use crate::fault::Fault;
use crate::monitoring::fault::value;
use domain::Timestamp;
use std::collections::BTreeMap;

/// Functions that are known and not served.
const REFUSED: &[&str] = &[
    "ANOMALY_DETECTION_BAND",
    "DB_PERF_INSIGHTS",
    "INSIGHT_RULE_METRIC",
    "LAMBDA",
    "SEARCH",
    "SERVICE_QUOTA",
];

pub(super) fn call(
    name: &str,
    arguments: &[Expression],
    known: &Known<'_>,
) -> Result<Worth, Fault> {
    if REFUSED.contains(&name) {
        return Err(value(format!(
            "Error in expression: the function {name} is not served"
        )));
    }
    match (name, arguments) {
        ("METRICS", words) => metrics(words, known),
        ("TIME_SERIES", [number]) => Ok(constant(scalar(number, known)?, known)),
        ("FILL", [series, with]) => fill(worth(series, known)?, with, known),
        ("IF", [condition, yes]) => chosen(condition, yes, None, known),
        ("IF", [condition, yes, no]) => chosen(condition, yes, Some(no), known),
        ("ABS", [one]) => mapped(worth(one, known)?, f64::abs),
        ("CEIL", [one]) => mapped(worth(one, known)?, f64::ceil),
        ("FLOOR", [one]) => mapped(worth(one, known)?, f64::floor),
        ("LOG", [one]) => mapped(worth(one, known)?, f64::ln),
        ("LOG10", [one]) => mapped(worth(one, known)?, f64::log10),
        ("PERIOD", [one]) => Ok(Worth::Scalar(single(one, known)?.period as f64)),
        ("FIRST" | "LAST", [one]) => ends(name, worth(one, known)?),
        ("METRIC_COUNT", [one]) => Ok(Worth::Scalar(many(worth(one, known)?)?.len() as f64)),
        ("DIFF" | "DIFF_TIME" | "RATE" | "RUNNING_SUM", [one]) => {
            each(worth(one, known)?, |series| along(name, &series))
        }
        ("SUM" | "AVG" | "MIN" | "MAX" | "STDDEV" | "DATAPOINT_COUNT", [one]) => {
            folded(name, worth(one, known)?)
        }
        _ => Err(value(format!(
            "Error in expression: there is no function {} of {} arguments",
            name.chars().take(40).collect::<String>(),
            arguments.len()
        ))),
    }
}

fn scalar(expression: &Expression, known: &Known<'_>) -> Result<f64, Fault> {
    match worth(expression, known)? {
        Worth::Scalar(number) => Ok(number),
        _ => Err(value("Error in expression: a number is expected")),
    }
}

fn single(expression: &Expression, known: &Known<'_>) -> Result<Series, Fault> {
    match worth(expression, known)? {
        Worth::One(series) => Ok(series),
        _ => Err(value("Error in expression: a time series is expected")),
    }
}

fn many(worth: Worth) -> Result<Vec<Series>, Fault> {
    match worth {
        Worth::One(series) => Ok(vec![series]),
        Worth::Many(all) => Ok(all),
        _ => Err(value("Error in expression: time series are expected")),
    }
}

fn each(worth: Worth, change: impl Fn(Series) -> Series) -> Result<Worth, Fault> {
    match worth {
        Worth::One(series) => Ok(Worth::One(change(series))),
        Worth::Many(all) => Ok(Worth::Many(all.into_iter().map(change).collect())),
        _ => Err(value("Error in expression: time series are expected")),
    }
}

/// All series that are asked for, or those whose ids hold a text.
fn metrics(words: &[Expression], known: &Known<'_>) -> Result<Worth, Fault> {
    let part = match words {
        [] => "",
        [Expression::Text(part)] => part,
        _ => return Err(value("Error in expression: METRICS takes one text")),
    };
    let wanted = known.metrics.iter().filter(|id| id.contains(part));
    let series = wanted.filter_map(|id| known.ids.get(id)).flatten().cloned();
    Ok(Worth::Many(series.collect()))
}

/// The shortest of the periods that are asked for.
fn shortest(known: &Known<'_>) -> i64 {
    let all = known.ids.values().flatten().map(|series| series.period);
    all.min().unwrap_or(60).max(1)
}

/// The beginnings of the periods of a span.
fn moments(span: (Timestamp, Timestamp), period: i64) -> impl Iterator<Item = Timestamp> {
    let length = period.max(1) * 1_000;
    let first = span.0.0.div_euclid(length) * length;
    let first = if first < span.0.0 {
        first + length
    } else {
        first
    };
    (0..)
        .map(move |at: i64| Timestamp(first + at * length))
        .take_while(move |at| *at < span.1)
}

fn constant(number: f64, known: &Known<'_>) -> Worth {
    let period = shortest(known);
    let points = moments(known.span, period).map(|at| (at, number));
    Worth::One(Series {
        label: "TIME_SERIES".to_owned(),
        period,
        points: points.collect(),
    })
}

/// Gives values to the periods without one.
fn fill(series: Worth, with: &Expression, known: &Known<'_>) -> Result<Worth, Fault> {
    let number = match with {
        Expression::Id(word) if word == "REPEAT" || word == "LINEAR" => None,
        other => Some(scalar(other, known)?),
    };
    let linear = matches!(with, Expression::Id(word) if word == "LINEAR");
    each(series, |mut series| {
        let missing: Vec<Timestamp> = moments(known.span, series.period)
            .filter(|at| !series.points.contains_key(at))
            .collect();
        let before = series.points.clone();
        for at in missing {
            let earlier = before.range(..at).next_back();
            let later = before.range(at..).next();
            let filled = match (number, earlier, later) {
                (Some(number), ..) => Some(number),
                (None, Some((from, a)), Some((to, b))) if linear => {
                    let share = (at.0 - from.0) as f64 / (to.0 - from.0) as f64;
                    Some(a + (b - a) * share)
                }
                (None, Some((_, last)), _) if !linear => Some(*last),
                _ => None,
            };
            if let Some(filled) = filled {
                series.points.insert(at, filled);
            }
        }
        series
    })
}

/// One or the other by each value of a condition.
fn chosen(
    condition: &Expression,
    yes: &Expression,
    no: Option<&Expression>,
    known: &Known<'_>,
) -> Result<Worth, Fault> {
    let yes = worth(yes, known)?;
    let no = no.map(|no| worth(no, known)).transpose()?;
    let condition = match worth(condition, known)? {
        Worth::One(series) => series,
        Worth::Scalar(number) => {
            let taken = if number == 0.0 { no } else { Some(yes) };
            return taken.ok_or_else(|| value("Error in expression: IF has no other value"));
        }
        _ => return Err(value("Error in expression: IF decides by one time series")),
    };
    let at_moment = |from: &Worth, at: &Timestamp| match from {
        Worth::Scalar(number) => Ok(Some(*number)),
        Worth::One(series) => Ok(series.points.get(at).copied()),
        _ => Err(value(
            "Error in expression: IF gives numbers or one time series",
        )),
    };
    let mut points = BTreeMap::new();
    for (at, decided) in &condition.points {
        let taken = if *decided == 0.0 {
            no.as_ref()
        } else {
            Some(&yes)
        };
        let taken = taken
            .map(|taken| at_moment(taken, at))
            .transpose()?
            .flatten();
        if let Some(taken) = taken {
            points.insert(*at, taken);
        }
    }
    let label = match &yes {
        Worth::One(series) => series.label.clone(),
        _ => condition.label.clone(),
    };
    Ok(Worth::One(Series {
        label,
        points,
        ..condition
    }))
}

/// Each value beside the one before.
fn along(name: &str, series: &Series) -> Series {
    let mut points = BTreeMap::new();
    let (mut before, mut sum): (Option<(Timestamp, f64)>, f64) = (None, 0.0);
    for (at, own) in &series.points {
        sum += own;
        if name == "RUNNING_SUM" {
            points.insert(*at, sum);
        } else if let Some((then, last)) = before {
            let seconds = (at.0 - then.0) as f64 / 1_000.0;
            points.insert(
                *at,
                match name {
                    "DIFF" => own - last,
                    "DIFF_TIME" => seconds,
                    _ => (own - last) / seconds,
                },
            );
        }
        before = Some((*at, *own));
    }
    finite(Series {
        points,
        ..series.clone()
    })
}

fn figure(name: &str, values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let sum: f64 = values.iter().sum();
    match name {
        "SUM" => sum,
        "AVG" => sum / count,
        "MIN" => values.iter().copied().fold(f64::INFINITY, f64::min),
        "MAX" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "DATAPOINT_COUNT" => count,
        _ => {
            let mean = sum / count;
            (values.iter().map(|own| (own - mean).powi(2)).sum::<f64>() / count).sqrt()
        }
    }
}

/// A number of one series, or a series of several: at each moment of those that have a value.
fn folded(name: &str, worth: Worth) -> Result<Worth, Fault> {
    let all = match worth {
        Worth::One(series) => {
            let values: Vec<f64> = series.points.values().copied().collect();
            return Ok(Worth::Scalar(figure(name, &values)));
        }
        other => many(other)?,
    };
    let mut moments: BTreeMap<Timestamp, Vec<f64>> = BTreeMap::new();
    for series in &all {
        for (at, own) in &series.points {
            moments.entry(*at).or_default().push(*own);
        }
    }
    let points = moments
        .into_iter()
        .map(|(at, values)| (at, figure(name, &values)));
    Ok(Worth::One(finite(Series {
        label: name.to_owned(),
        period: all.iter().map(|series| series.period).max().unwrap_or(60),
        points: points.collect(),
    })))
}

/// The first or last of several series.
fn ends(name: &str, worth: Worth) -> Result<Worth, Fault> {
    let mut all = many(worth)?;
    let one = if name == "FIRST" {
        (!all.is_empty()).then(|| all.swap_remove(0))
    } else {
        all.pop()
    };
    one.map(Worth::One)
        .ok_or_else(|| value(format!("Error in expression: {name} of no series")))
}
