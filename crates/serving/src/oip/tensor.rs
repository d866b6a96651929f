//! Tensors of the protocol: element types, shapes, and data nested or flat.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Most elements of one tensor.
const MOST_ELEMENTS: u64 = 1 << 28;

/// Element types (the specification's "Tensor Data Types").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names are the protocol's and say it all")]
pub enum Datatype {
    Bool,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Int8,
    Int16,
    Int32,
    Int64,
    Fp16,
    Fp32,
    Fp64,
    Bytes,
}

impl Datatype {
    /// The protocol's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bool => "BOOL",
            Self::Uint8 => "UINT8",
            Self::Uint16 => "UINT16",
            Self::Uint32 => "UINT32",
            Self::Uint64 => "UINT64",
            Self::Int8 => "INT8",
            Self::Int16 => "INT16",
            Self::Int32 => "INT32",
            Self::Int64 => "INT64",
            Self::Fp16 => "FP16",
            Self::Fp32 => "FP32",
            Self::Fp64 => "FP64",
            Self::Bytes => "BYTES",
        }
    }

    /// Reads the protocol's word.
    pub fn parse(word: &str) -> Option<Self> {
        serde_json::from_value(Value::from(word)).ok()
    }

    /// The smallest and largest integer, for integer types.
    fn range(self) -> Option<(i128, i128)> {
        Some(match self {
            Self::Uint8 => (0, u8::MAX.into()),
            Self::Uint16 => (0, u16::MAX.into()),
            Self::Uint32 => (0, u32::MAX.into()),
            Self::Uint64 => (0, u64::MAX.into()),
            Self::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Self::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Self::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Self::Int64 => (i64::MIN.into(), i64::MAX.into()),
            Self::Bool | Self::Fp16 | Self::Fp32 | Self::Fp64 | Self::Bytes => return None,
        })
    }

    /// Whether an element can be of this type. A floating-point null is NaN, which JSON lacks.
    pub fn holds(self, element: &Value) -> bool {
        if let Some((least, most)) = self.range() {
            let integer = element
                .as_i64()
                .map(i128::from)
                .or(element.as_u64().map(i128::from));
            return integer.is_some_and(|integer| (least..=most).contains(&integer));
        }
        match self {
            Self::Bool => element.is_boolean(),
            Self::Bytes => element.is_string(),
            _ => element.is_number() || element.is_null(),
        }
    }
}

/// A tensor with its elements in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// The type of every element.
    pub datatype: Datatype,
    /// Its dimensions.
    pub shape: Vec<u64>,
    /// As many elements as the dimensions multiply to.
    pub data: Vec<Value>,
}

#[derive(Deserialize)]
struct Raw {
    name: String,
    shape: Vec<u64>,
    datatype: String,
    data: Value,
    #[serde(default)]
    parameters: Map<String, Value>,
}

impl Tensor {
    /// Reads a tensor of a request and checks its shape and elements.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the tensor and says what is wrong.
    pub fn parse(value: Value) -> Result<Self, Error> {
        let raw: Raw = serde_json::from_value(value)
            .map_err(|error| Error::Invalid(format!("an input tensor is wrong: {error}")))?;
        let name = &raw.name;
        let invalid = |reason: String| Err(Error::Invalid(format!("input `{name}`: {reason}")));
        if raw.parameters.contains_key("binary_data_size") {
            return invalid("the binary data extension is not served; send `data`".to_owned());
        }
        let Some(datatype) = Datatype::parse(&raw.datatype) else {
            return invalid(format!(
                "`{}` is not a datatype of the protocol",
                raw.datatype
            ));
        };
        let elements = raw
            .shape
            .iter()
            .try_fold(1_u64, |product, size| product.checked_mul(*size));
        let Some(elements) = elements.filter(|elements| *elements <= MOST_ELEMENTS) else {
            return invalid(format!("the shape has more than {MOST_ELEMENTS} elements"));
        };
        let mut data = Vec::new();
        flatten(raw.data, &mut data);
        if data.len() as u64 != elements {
            let shape = &raw.shape;
            return invalid(format!(
                "the shape {shape:?} has {elements} elements, `data` {}",
                data.len()
            ));
        }
        if let Some(wrong) = data.iter().find(|element| !datatype.holds(element)) {
            return invalid(format!("`{wrong}` is not a {}", datatype.word()));
        }
        Ok(Self {
            name: raw.name,
            datatype,
            shape: raw.shape,
            data,
        })
    }

    /// The elements nested by the shape.
    pub fn nested(self) -> Value {
        let mut level = self.data;
        for size in self.shape.iter().skip(1).rev() {
            let size = usize::try_from(*size).unwrap_or(usize::MAX).max(1);
            let mut grouped = Vec::with_capacity(level.len() / size);
            let mut elements = level.into_iter().peekable();
            while elements.peek().is_some() {
                grouped.push(Value::Array(elements.by_ref().take(size).collect()));
            }
            level = grouped;
        }
        Value::Array(level)
    }

    /// A tensor of an answer from nested lists.
    ///
    /// # Errors
    /// A sentence about what cannot be a tensor: ragged lists, objects, mixed types.
    pub fn of_answer(name: &str, value: Value, datatype: Option<Datatype>) -> Result<Self, String> {
        let value = if value.is_array() {
            value
        } else {
            Value::Array(vec![value])
        };
        let mut shape = Vec::new();
        measure(&value, &mut shape);
        let mut data = Vec::new();
        let depth = shape.len();
        regular(&value, &shape)
            .then_some(())
            .ok_or_else(|| format!("`{name}` is not rectangular and cannot be sent as a tensor"))?;
        flatten_to(value, depth, &mut data);
        let known = datatype.filter(|kind| data.iter().all(|element| kind.holds(element)));
        let candidates = [
            Datatype::Bool,
            Datatype::Int64,
            Datatype::Uint64,
            Datatype::Fp64,
            Datatype::Bytes,
        ];
        let fitting = || {
            candidates
                .into_iter()
                .find(|kind| data.iter().all(|element| kind.holds(element)))
        };
        let datatype = known.or_else(fitting).ok_or_else(|| {
            format!("`{name}` holds values of different kinds and cannot be sent as a tensor")
        })?;
        Ok(Self {
            name: name.to_owned(),
            datatype,
            shape,
            data,
        })
    }
}

fn flatten(value: Value, into: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.into_iter().for_each(|item| flatten(item, into)),
        element => into.push(element),
    }
}

fn flatten_to(value: Value, depth: usize, into: &mut Vec<Value>) {
    match value {
        Value::Array(items) if depth > 0 => {
            for item in items {
                flatten_to(item, depth - 1, into);
            }
        }
        element => into.push(element),
    }
}

/// The dimensions along the first elements.
fn measure(value: &Value, shape: &mut Vec<u64>) {
    if let Value::Array(items) = value {
        shape.push(items.len() as u64);
        if let Some(first) = items.first() {
            measure(first, shape);
        }
    }
}

fn regular(value: &Value, shape: &[u64]) -> bool {
    match (value, shape.split_first()) {
        (Value::Array(items), Some((size, rest))) => {
            items.len() as u64 == *size && items.iter().all(|item| regular(item, rest))
        }
        (Value::Array(_), None) | (Value::Object(_), _) => false,
        (_, rest) => rest.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn input(shape: Value, datatype: &str, data: Value) -> Result<Tensor, Error> {
        Tensor::parse(json!({"name": "x", "shape": shape, "datatype": datatype, "data": data}))
    }

    #[test]
    fn flat_and_nested_data_are_the_same_tensor() {
        let flat = input(json!([2, 3]), "INT32", json!([1, 2, 3, 4, 5, 6])).unwrap();
        let nested = input(json!([2, 3]), "INT32", json!([[1, 2, 3], [4, 5, 6]])).unwrap();
        assert_eq!(flat, nested);
        assert_eq!(flat.nested(), json!([[1, 2, 3], [4, 5, 6]]));
        let cube = input(json!([2, 1, 2]), "BYTES", json!(["a", "b", "c", "d"])).unwrap();
        assert_eq!(cube.nested(), json!([[["a", "b"]], [["c", "d"]]]));
    }

    #[test]
    fn wrong_tensors_are_refused_with_their_name() {
        for (shape, datatype, data) in [
            (json!([2]), "INT32", json!([1])),
            (json!([1]), "INT8", json!([128])),
            (json!([1]), "UINT8", json!([-1])),
            (json!([1]), "BOOL", json!([1])),
            (json!([1]), "FP32", json!(["1"])),
            (json!([1]), "FLOAT", json!([1])),
            (json!([u64::MAX, 2]), "FP32", json!([])),
        ] {
            let error = input(shape, datatype, data).unwrap_err().to_string();
            assert!(error.contains("`x`"), "{error}");
        }
        assert!(input(json!([-1]), "FP32", json!([1])).is_err());
        assert!(Tensor::parse(json!([])).is_err());
    }

    #[test]
    fn answers_find_their_datatype() {
        let of = |value, known| Tensor::of_answer("predict", value, known);
        let ints = of(json!([1, 0]), None).unwrap();
        assert_eq!((ints.datatype, ints.shape), (Datatype::Int64, vec![2]));
        let floats = of(json!([[0.5, 1], [null, 2]]), None).unwrap();
        assert_eq!(
            (floats.datatype, floats.shape),
            (Datatype::Fp64, vec![2, 2])
        );
        assert_eq!(
            of(json!([1.5]), Some(Datatype::Fp32)).unwrap().datatype,
            Datatype::Fp32
        );
        assert_eq!(
            of(json!(["a"]), Some(Datatype::Fp32)).unwrap().datatype,
            Datatype::Bytes
        );
        for bad in [
            json!([[1], [1, 2]]),
            json!([1, "a"]),
            json!([{"a": 1}]),
            json!([1, [2]]),
        ] {
            assert!(of(bad.clone(), None).is_err(), "{bad}");
        }
    }
}
