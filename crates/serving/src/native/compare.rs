//! Compares what would be answered here with what Python answered, before anything is answered here.

use super::answer::answer;
use super::decode::decode;
use super::media::MediaType;
use crate::call::Answer;
use predictors::{Labels, Predictor};
use serde::{Deserialize, Serialize};

/// Largest difference of a number, relative to its size, that is put down to another order of
/// summing. Only models whose answer is a number may differ at all.
const TOLERANCE: f64 = 1e-9;
/// The same for sums in single precision.
const SINGLE_TOLERANCE: f64 = 1e-5;

/// What was compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Requests that both answered.
    pub answered: usize,
    /// Requests that only Python answers.
    pub left_to_python: usize,
    /// Largest relative difference of any score or number; 0 is equality to the last bit.
    pub largest_difference: f64,
}

/// A request and what Python answered; bytes are written as Latin-1.
#[derive(Debug, Deserialize)]
struct Case {
    content_type: String,
    accept: String,
    body: String,
    #[serde(default)]
    answer: Option<Expected>,
    #[serde(default)]
    scores: Option<Vec<Option<f64>>>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    content_type: String,
    body: String,
    datatype: Option<String>,
}

/// Compares all cases; the error says which one differs and how.
pub(super) fn compare(predictor: &Predictor, cases: &[u8]) -> Result<Comparison, String> {
    let cases: Vec<Case> = serde_json::from_slice(cases)
        .map_err(|error| format!("its cases cannot be read: {error}"))?;
    let mut seen = Comparison::default();
    for (number, case) in cases.iter().enumerate() {
        let body = latin(&case.body);
        let ours = answer(predictor, &case.content_type, &case.accept, &body);
        let wrong = |why: String| {
            let shown: String = case.body.chars().take(120).collect();
            format!("it differs from Python in case {number}, `{shown}`: {why}")
        };
        match (ours, &case.answer) {
            (None, None) => {}
            (None, Some(_)) => seen.left_to_python += 1,
            (Some(_), None) => return Err(wrong("Python refuses it".to_owned())),
            (Some(ours), Some(expected)) => {
                seen.answered += 1;
                let difference = same(predictor, &ours, expected).map_err(wrong)?;
                seen.largest_difference = seen.largest_difference.max(difference);
            }
        }
        if let Some(scores) = &case.scores {
            let difference = scores_differ(predictor, case, &body, scores).map_err(wrong)?;
            seen.largest_difference = seen.largest_difference.max(difference);
        }
    }
    if seen.answered <= seen.left_to_python {
        return Err(format!(
            "most requests would be left to Python: {} of {}",
            seen.left_to_python,
            seen.answered + seen.left_to_python
        ));
    }
    Ok(seen)
}

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|character| character as u8).collect()
}

/// The largest relative difference of two answers that mean the same.
fn same(predictor: &Predictor, ours: &Answer, expected: &Expected) -> Result<f64, String> {
    if ours.content_type != expected.content_type || ours.datatype != expected.datatype {
        return Err(format!(
            "it would be `{}` of {:?} instead of `{}` of {:?}",
            ours.content_type, ours.datatype, expected.content_type, expected.datatype
        ));
    }
    let theirs = latin(&expected.body);
    if ours.body == theirs {
        return Ok(0.0);
    }
    let differ = || {
        let ours: String = String::from_utf8_lossy(&ours.body)
            .chars()
            .take(120)
            .collect();
        let theirs: String = expected.body.chars().take(120).collect();
        format!("`{ours}` instead of `{theirs}`")
    };
    if predictor.labels().is_some() {
        return Err(differ());
    }
    let (Some(ours), Some(theirs)) = (numbers(ours), numbers_of(&expected.content_type, &theirs))
    else {
        return Err(differ());
    };
    let tolerance = tolerance(predictor);
    largest(&ours, &theirs)
        .filter(|found| *found <= tolerance)
        .ok_or_else(differ)
}

fn tolerance(predictor: &Predictor) -> f64 {
    if predictor.is_single() {
        SINGLE_TOLERANCE
    } else {
        TOLERANCE
    }
}

fn numbers(answer: &Answer) -> Option<Vec<f64>> {
    numbers_of(&answer.content_type, &answer.body)
}

fn numbers_of(content_type: &str, body: &[u8]) -> Option<Vec<f64>> {
    match content_type {
        "application/json" => {
            let value: serde_json::Value = serde_json::from_slice(body).ok()?;
            let list = value.get("predictions")?.as_array()?.iter();
            list.map(|number| Some(number.as_f64().unwrap_or(f64::NAN)))
                .collect()
        }
        "text/csv" => {
            let text = std::str::from_utf8(body).ok()?;
            text.lines().map(|line| line.parse().ok()).collect()
        }
        _ => {
            let wide = body.windows(3).take(64).any(|part| part == b"<f8");
            let data = body.get(128..)?;
            let wide_numbers = || {
                data.as_chunks::<8>()
                    .0
                    .iter()
                    .map(|b| f64::from_le_bytes(*b))
                    .collect()
            };
            let narrow = || {
                data.as_chunks::<4>()
                    .0
                    .iter()
                    .map(|b| f64::from(f32::from_le_bytes(*b)))
                    .collect()
            };
            Some(if wide { wide_numbers() } else { narrow() })
        }
    }
}

/// The largest difference relative to the size of the numbers, at least 1; none where one is missing
/// and the other is not.
fn largest(ours: &[f64], theirs: &[f64]) -> Option<f64> {
    if ours.len() != theirs.len() {
        return None;
    }
    let mut most: f64 = 0.0;
    for (ours, theirs) in ours.iter().zip(theirs) {
        if ours.is_nan() != theirs.is_nan()
            || ours.is_infinite() && ours.to_bits() != theirs.to_bits()
        {
            return None;
        }
        if ours.to_bits() != theirs.to_bits() && !ours.is_nan() {
            most = most.max((ours - theirs).abs() / theirs.abs().max(1.0));
        }
    }
    Some(most)
}

fn scores_differ(
    predictor: &Predictor,
    case: &Case,
    body: &[u8],
    expected: &[Option<f64>],
) -> Result<f64, String> {
    let table = decode(body, &MediaType::parse(&case.content_type));
    let batch = table.and_then(|table| table.batch(predictor, None));
    let Some(scores) = batch.and_then(|batch| predictor.scores(&batch).ok()) else {
        return Ok(0.0);
    };
    let expected: Vec<f64> = expected
        .iter()
        .map(|score| score.unwrap_or(f64::NAN))
        .collect();
    let found = largest(&scores, &expected);
    let found = found.ok_or_else(|| {
        format!(
            "it has {} scores, Python {}, or some are missing",
            scores.len(),
            expected.len()
        )
    })?;
    if found > tolerance(predictor) {
        return Err(format!("a score differs by {found:e}"));
    }
    Ok(found)
}

/// What a fitted estimator says of its answer, in the Open Inference Protocol's words.
pub(super) fn output(predictor: &Predictor) -> &str {
    match predictor.labels() {
        None => "FP64",
        Some(Labels::Bools(_)) => "BOOL",
        Some(Labels::Ints(_, kind) | Labels::Floats(_, kind) | Labels::Texts(_, kind)) => {
            super::encode::datatype(kind).unwrap_or("BYTES")
        }
    }
}
