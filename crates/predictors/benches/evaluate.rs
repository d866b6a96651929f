//! Microseconds a row of one predictor at several batch sizes, as JSON: `cargo bench -p
//! tradewind-predictors --bench evaluate -- FORM '{"instances": [[…]]}'`. benches/serve.py runs it
//! beside other evaluators.

#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a program that reports to people"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};
use tradewind_predictors::{Batch, Kinds, Predictor};

/// How long one size is measured.
const LONG: Duration = Duration::from_secs(2);

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let (Some(form), Some(body)) = (arguments.next(), arguments.next()) else {
        println!("give a form and a body with one row");
        return;
    };
    let form = std::fs::read(form).expect("the form can be read");
    let predictor = Predictor::load(&form).expect("the form is one");
    let body: serde_json::Value = serde_json::from_str(&body).expect("the body is JSON");
    let row: Vec<f64> = serde_json::from_value(body["instances"][0].clone()).expect("it has a row");
    let mut found = BTreeMap::new();
    for size in [1, 32, 1000] {
        // Rows differ, so that they do not all take the same way.
        let rows = (0..size).flat_map(|number| {
            let scale = 0.5 + f64::from(number % 37) / 37.0;
            row.iter().map(move |value| value * scale)
        });
        let rows = rows.collect();
        let batch = Batch::of_numbers(row.len(), rows, Kinds::FLOAT).expect("rows are whole");
        found.insert(
            size.to_string(),
            median(&predictor, &batch) / f64::from(size),
        );
    }
    println!(
        "{}",
        serde_json::to_string(&found).expect("numbers are JSON")
    );
}

/// Microseconds of one prediction.
fn median(predictor: &Predictor, batch: &Batch) -> f64 {
    let mut times = Vec::new();
    let began = Instant::now();
    while times.len() < 20 || began.elapsed() < LONG {
        let start = Instant::now();
        black_box(predictor.predict(black_box(batch)).expect("it predicts"));
        times.push(start.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}
