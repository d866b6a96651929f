//! Writes forms as the exporter does.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Collects arrays.
#[derive(Default)]
pub struct Form {
    arrays: Vec<Value>,
    bytes: Vec<u8>,
}

impl Form {
    pub fn f64(&mut self, values: &[f64]) -> usize {
        self.add(
            "f64",
            values.len(),
            values.iter().flat_map(|v| v.to_le_bytes()),
        )
    }

    pub fn i32(&mut self, values: &[i32]) -> usize {
        self.add(
            "i32",
            values.len(),
            values.iter().flat_map(|v| v.to_le_bytes()),
        )
    }

    pub fn i64(&mut self, values: &[i64]) -> usize {
        self.add(
            "i64",
            values.len(),
            values.iter().flat_map(|v| v.to_le_bytes()),
        )
    }

    pub fn u8(&mut self, values: &[u8]) -> usize {
        self.add("u8", values.len(), values.iter().copied())
    }

    fn add(&mut self, kind: &str, length: usize, bytes: impl Iterator<Item = u8>) -> usize {
        let offset = self.bytes.len();
        self.bytes.extend(bytes);
        self.arrays
            .push(json!({"type": kind, "offset": offset, "length": length}));
        self.arrays.len() - 1
    }

    pub fn finish(self, mut head: Value) -> Vec<u8> {
        head["arrays"] = Value::Array(self.arrays);
        seal(&head.to_string().into_bytes(), &self.bytes)
    }
}

/// A form of these two parts with a checksum that fits.
pub fn seal(head: &[u8], arrays: &[u8]) -> Vec<u8> {
    let mut form = b"TWPREDIC".to_vec();
    form.extend(1_u32.to_le_bytes());
    form.extend((head.len() as u32).to_le_bytes());
    form.extend((arrays.len() as u64).to_le_bytes());
    form.extend(head);
    form.extend(arrays);
    let checksum = Sha256::digest(&form);
    form.extend(checksum);
    form
}

/// The arrays of one tree.
pub struct Tree {
    pub feature: Vec<i32>,
    pub threshold: Vec<f64>,
    pub left: Vec<i32>,
    pub right: Vec<i32>,
    pub missing_left: Vec<u8>,
    pub value: Vec<f64>,
}

impl Tree {
    /// Two features: `x0 <= 0.1` decides, and where it does not, `x1 <= -1`.
    pub fn small() -> Self {
        Self {
            feature: vec![0, -2, 1, -2, -2],
            threshold: vec![0.1, -2.0, -1.0, -2.0, -2.0],
            left: vec![1, -1, 3, -1, -1],
            right: vec![2, -1, 4, -1, -1],
            missing_left: vec![1, 0, 0, 0, 0],
            value: vec![0.0, 10.0, 0.0, 20.0, 30.0],
        }
    }

    /// A regressor of this one tree; `change` may change its head.
    pub fn form(&self, change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut form = Form::default();
        let mut head = json!({
            "family": "DecisionTreeRegressor",
            "features": 2,
            "model": {
                "kind": "trees", "precision": "single", "sum": "double", "compare": "at-most",
                "finite": "missing",
                "starts": form.i64(&[0, self.left.len() as i64]),
                "feature": form.i32(&self.feature),
                "threshold": form.f64(&self.threshold),
                "left": form.i32(&self.left),
                "right": form.i32(&self.right),
                "missing_left": form.u8(&self.missing_left),
                "value": form.f64(&self.value),
                "width": 1,
                "base": form.f64(&[0.0]),
            },
            "decision": {"kind": "value", "precision": "double"},
        });
        change(&mut head);
        form.finish(head)
    }
}
