//! What forms compute.

use crate::support::{Form, Tree};
use serde_json::json;
use tradewind_predictors::{Batch, Declined, Kinds, Prediction, Predictor};

fn rows(width: usize, numbers: &[f64]) -> Batch {
    Batch::of_numbers(width, numbers.to_vec(), Kinds::FLOAT).unwrap()
}

fn values(predictor: &Predictor, batch: &Batch) -> Vec<f64> {
    match predictor.predict(batch).unwrap() {
        Prediction::Floats(values, _) => values,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ties_neighbours_and_missing_values_go_where_the_trees_say() {
    let tree = Predictor::load(&Tree::small().form(|_| ())).unwrap();
    let edge = 0.1_f32;
    // The single-precision 0.1 lies above the threshold in double precision; the number before it
    // lies below.
    assert!(f64::from(edge) > 0.1);
    let batch = rows(
        2,
        &[
            f64::from(edge),
            0.0,
            f64::from(edge.next_down()),
            0.0,
            0.1,
            0.0,
            f64::NAN,
            0.0,
            1.0,
            -1.0,
            1.0,
            f64::NAN,
            -1e30,
            0.0,
            1.0,
            -1.0 + 1e-12,
        ],
    );
    assert_eq!(
        values(&tree, &batch),
        [30.0, 10.0, 30.0, 10.0, 20.0, 30.0, 10.0, 20.0]
    );
    // The same in double precision, where the last two rows are told apart.
    let double = Tree::small().form(|head| head["model"]["precision"] = json!("double"));
    let double = Predictor::load(&double).unwrap();
    assert_eq!(
        values(&double, &batch),
        [30.0, 10.0, 10.0, 10.0, 20.0, 30.0, 10.0, 30.0]
    );
    // Left only below the threshold.
    let below = Tree::small().form(|head| head["model"]["compare"] = json!("below"));
    let below = Predictor::load(&below).unwrap();
    assert_eq!(
        values(
            &below,
            &rows(2, &[1.0, -1.0, 1.0, f64::from((-1.0_f32).next_down())])
        ),
        [30.0, 20.0]
    );
}

#[test]
fn a_batch_is_answered_as_its_rows_are_alone() {
    let tree = Predictor::load(&Tree::small().form(|_| ())).unwrap();
    let numbers: Vec<f64> = (0..2 * 203).map(|i| f64::from(i % 17) - 8.0).collect();
    let together = values(&tree, &rows(2, &numbers));
    let alone = numbers
        .chunks(2)
        .flat_map(|row| values(&tree, &rows(2, row)));
    assert_eq!(together, alone.collect::<Vec<_>>());
}

#[test]
fn what_python_would_refuse_is_declined() {
    let strict = Tree::small().form(|head| head["model"]["finite"] = json!("finite"));
    let strict = Predictor::load(&strict).unwrap();
    let declined = |batch: &Batch| strict.predict(batch).unwrap_err();
    assert_eq!(declined(&rows(2, &[f64::NAN, 0.0])), Declined::Missing);
    assert_eq!(
        declined(&rows(2, &[f64::INFINITY, 0.0])),
        Declined::Infinite
    );
    assert_eq!(declined(&rows(2, &[1e39, 0.0])), Declined::Infinite);
    assert_eq!(declined(&rows(3, &[0.0; 3])), Declined::Width);
    assert_eq!(declined(&rows(2, &[])), Declined::Empty);
    let text = Batch::new(
        vec![Kinds::TEXT, Kinds::FLOAT],
        vec![0.0, 1.0],
        vec![(0, "a".into())],
    );
    assert_eq!(declined(&text.unwrap()), Declined::Kind);
}

#[test]
fn preprocessing_is_done_column_by_column() {
    let mut form = Form::default();
    let head = json!({
        "family": "Ridge", "features": 3, "names": ["age", "city", "size"],
        "steps": [{"kind": "columns", "parts": [
            {"take": [0], "steps": [
                {"kind": "impute", "keep": form.i32(&[0]), "fill": form.f64(&[30.0])},
                {"kind": "elementwise", "operations": [
                    {"subtract": form.f64(&[30.0])}, {"divide": form.f64(&[10.0])},
                    {"clip": {"low": -1.0, "high": 1.0}}]}]},
            {"take": [1], "steps": [{"kind": "one-hot", "columns": [
                {"categories": {"texts": ["oslo", "rome", "york"]}, "drop": 1, "unknown": "ignore"}]}]},
            {"take": [2], "steps": [{"kind": "ordinal", "columns": [
                {"categories": {"numbers": form.f64(&[1.0, 5.0, f64::NAN])}, "unknown": {"value": -1.0},
                 "missing": null}]}]},
        ]}],
        "model": {"kind": "linear", "coefficients": form.f64(&[1.0, 10.0, 100.0, 1000.0]),
                  "intercepts": form.f64(&[0.5])},
        "decision": {"kind": "value", "precision": "double"},
    });
    let predictor = Predictor::load(&form.finish(head)).unwrap();
    let kinds = || vec![Kinds::FLOAT, Kinds::TEXT, Kinds::INT];
    let texts = ["oslo", "rome", "york", "bonn"].into_iter().enumerate();
    let texts = texts
        .map(|(row, text)| (row * 3 + 1, text.to_owned()))
        .collect();
    let numbers = vec![
        35.0,
        0.0,
        1.0,
        f64::NAN,
        0.0,
        5.0,
        99.0,
        0.0,
        7.0,
        20.0,
        0.0,
        1.0,
    ];
    let batch = Batch::new(kinds(), numbers, texts).unwrap();
    assert_eq!(values(&predictor, &batch), [11.0, 1000.5, -898.5, -0.5]);
    let number = rows(3, &[1.0, 2.0, 3.0]);
    assert_eq!(predictor.predict(&number), Err(Declined::Kind));
}

#[test]
fn labels_follow_the_first_of_equals() {
    let mut form = Form::default();
    let head = json!({
        "family": "LogisticRegression", "features": 1,
        "model": {"kind": "linear", "coefficients": form.f64(&[1.0, 1.0, -1.0]),
                  "intercepts": form.f64(&[0.0, 0.0, 0.0])},
        "decision": {"kind": "largest", "labels": {"texts": {"values": ["a", "b", "c"], "type": "object"}}},
    });
    let predictor = Predictor::load(&form.finish(head)).unwrap();
    let predicted = predictor.predict(&rows(1, &[1.0, 0.0, -1.0])).unwrap();
    assert_eq!(predicted, Prediction::Texts(vec!["a", "a", "c"], "object"));
}
