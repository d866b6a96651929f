//! Forms that nobody honest wrote: each is refused with an error, or computes something, and never
//! panics or runs on.

use crate::support::{Form, Tree, seal};
use proptest::prelude::*;
use serde_json::{Value, json};
use tradewind_predictors::{Batch, Error, Kinds, Predictor};

fn use_it(form: &[u8]) {
    if let Ok(predictor) = Predictor::load(form) {
        let width = predictor.features().min(64);
        let numbers = (0..width * 9).map(|i| f64::from(i as u32) - 7.0).collect();
        let batch = Batch::of_numbers(width, numbers, Kinds::FLOAT).unwrap();
        drop(predictor.predict(&batch));
    }
}

fn refused(tree: &Tree) -> String {
    Predictor::load(&tree.form(|_| ())).unwrap_err().to_string()
}

#[test]
fn damage_is_seen() {
    let form = Tree::small().form(|_| ());
    for length in 0..form.len() {
        assert!(Predictor::load(&form[..length]).is_err(), "{length}");
    }
    for place in 0..form.len() {
        let mut damaged = form.clone();
        damaged[place] ^= 1;
        assert!(Predictor::load(&damaged).is_err(), "{place}");
    }
    let mut newer = form.clone();
    newer[8] = 9;
    assert_eq!(
        Predictor::load(&newer).unwrap_err(),
        Error::Version { found: 9, read: 1 }
    );
    assert_eq!(
        Predictor::load(b"\x80\x04pickle").unwrap_err(),
        Error::NotAForm
    );
}

#[test]
fn trees_that_are_no_trees_are_refused() {
    let small = Tree::small;
    let twice = Tree {
        right: vec![1, -1, 4, -1, -1],
        ..small()
    };
    assert!(refused(&twice).contains("reached twice"));
    let cycle = Tree {
        left: vec![1, -1, 0, -1, -1],
        ..small()
    };
    assert!(refused(&cycle).contains("reached twice"));
    let outside = Tree {
        left: vec![1, -1, 5, -1, -1],
        ..small()
    };
    assert!(refused(&outside).contains("outside"));
    let half = Tree {
        right: vec![2, 3, 4, -1, -1],
        ..small()
    };
    assert!(refused(&half).contains("one child"));
    let feature = Tree {
        feature: vec![2, 0, 1, 0, 0],
        ..small()
    };
    assert!(refused(&feature).contains("feature is out of bounds"));
    let negative = Tree {
        feature: vec![-1, 0, 1, 0, 0],
        ..small()
    };
    assert!(refused(&negative).contains("feature is out of bounds"));
    let unreached = Tree {
        left: vec![-1, -1, 3, -1, -1],
        right: vec![-1, -1, 4, -1, -1],
        ..small()
    };
    assert!(refused(&unreached).contains("never reached"));
    let nan = Tree {
        threshold: vec![f64::NAN, 0.0, 0.0, 0.0, 0.0],
        ..small()
    };
    assert!(refused(&nan).contains("no number"));
    let short = Tree {
        value: vec![0.0; 4],
        ..small()
    };
    assert!(refused(&short).contains("do not fit"));
}

#[test]
fn heads_that_contradict_themselves_are_refused() {
    let labels = json!({"texts": {"values": ["a"], "type": "object"}});
    for (place, value) in [
        ("/features", json!(0)),
        ("/features", json!(1u64 << 40)),
        ("/names", json!(["a"])),
        (
            "/decision",
            json!({"kind": "threshold", "above": 0.0, "labels": labels}),
        ),
        ("/model/width", json!(2)),
        ("/model/width", json!(0)),
        ("/model/divide", json!(0.0)),
        ("/model/base", json!(99)),
        ("/model/base", json!(1)),
        ("/model/sum", json!("single")),
        ("/arrays/0/length", json!(usize::MAX)),
        ("/arrays/0/offset", json!(usize::MAX)),
    ] {
        let form = Tree::small().form(|head| match place {
            "/names" => head["names"] = value.clone(),
            "/decision" => head["decision"] = value.clone(),
            "/model/divide" => head["model"]["divide"] = value.clone(),
            "/model/sum" => {
                head["model"]["sum"] = value.clone();
                head["model"]["precision"] = json!("double");
            }
            place => {
                if let Some(part) = head.pointer_mut(place) {
                    *part = value.clone();
                }
            }
        });
        let form = if place.starts_with("/arrays") {
            with_arrays(&form, place, &value)
        } else {
            form
        };
        assert!(Predictor::load(&form).is_err(), "{place} {value}");
    }
}

/// The same form with another value somewhere in its table of arrays.
fn with_arrays(form: &[u8], place: &str, value: &Value) -> Vec<u8> {
    let (mut head, arrays) = parts(form);
    *head.pointer_mut(place).unwrap() = value.clone();
    seal(head.to_string().as_bytes(), &arrays)
}

fn parts(form: &[u8]) -> (Value, Vec<u8>) {
    let length = u32::from_le_bytes(form[12..16].try_into().unwrap()) as usize;
    let head = serde_json::from_slice(&form[24..24 + length]).unwrap();
    (head, form[24 + length..form.len() - 32].to_vec())
}

#[test]
fn deep_nesting_and_wide_steps_are_refused() {
    let mut steps = json!([]);
    for _ in 0..8 {
        steps = json!([{"kind": "columns", "parts": [{"take": [0], "steps": steps}]}]);
    }
    let form = Tree::small().form(|head| head["steps"] = steps);
    assert!(
        Predictor::load(&form)
            .unwrap_err()
            .to_string()
            .contains("nested")
    );
    let mut form = Form::default();
    let categories: Vec<f64> = (0..2000).map(f64::from).collect();
    let categories = form.f64(&categories);
    let encoder = json!({"categories": {"numbers": categories}, "unknown": "ignore"});
    let head = json!({
        "family": "Ridge", "features": 1000,
        "steps": [{"kind": "one-hot", "columns": vec![encoder; 1000]}],
        "model": {"kind": "linear", "coefficients": categories, "intercepts": categories},
        "decision": {"kind": "value", "precision": "double"},
    });
    let error = Predictor::load(&form.finish(head)).unwrap_err().to_string();
    assert!(error.contains("too many columns"), "{error}");
}

proptest! {
    #[test]
    fn no_form_panics(places in prop::collection::vec((0_usize..4096, any::<u8>()), 1..6)) {
        // The checksum is made to fit, so that what is behind it is reached.
        let form = Tree::small().form(|_| ());
        let mut content = form[..form.len() - 32].to_vec();
        let length = content.len();
        for (place, byte) in places {
            content[24 + place % (length - 24)] = byte;
        }
        let head = u32::from_le_bytes(content[12..16].try_into().unwrap()) as usize;
        use_it(&seal(&content[24..24 + head], &content[24 + head..]));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        use_it(&bytes);
        use_it(&seal(&bytes, &[]));
    }

    #[test]
    fn no_tree_panics(
        left in prop::collection::vec(-2_i32..8, 5),
        right in prop::collection::vec(-2_i32..8, 5),
        feature in prop::collection::vec(-2_i32..4, 5),
        threshold in prop::collection::vec(any::<f64>(), 5),
    ) {
        use_it(&Tree { feature, threshold, left, right, ..Tree::small() }.form(|_| ()));
    }
}
