//! Replies of the REST form as messages.

use super::GrpcError;
use super::request::Form;
use super::tensors::{bytes, typed};
use super::wire::Writer;
use crate::oip::Datatype;
use serde_json::Value;

fn text(writer: &mut Writer, number: u64, value: &Value) {
    let text = value.as_str().unwrap_or_default();
    if !text.is_empty() {
        writer.bytes(number, text.as_bytes());
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn shape(writer: &mut Writer, number: u64, value: &Value) {
    let sizes: Vec<i64> = items(value).iter().filter_map(Value::as_i64).collect();
    writer.integers(number, &sizes);
}

/// `ServerMetadataResponse`.
pub(super) fn server(value: &Value) -> Vec<u8> {
    let mut writer = Writer::default();
    text(&mut writer, 1, &value["name"]);
    text(&mut writer, 2, &value["version"]);
    for extension in items(&value["extensions"]) {
        text(&mut writer, 3, extension);
    }
    writer.message
}

/// `ModelMetadataResponse`.
pub(super) fn model(value: &Value) -> Vec<u8> {
    let mut writer = Writer::default();
    text(&mut writer, 1, &value["name"]);
    for version in items(&value["versions"]) {
        text(&mut writer, 2, version);
    }
    text(&mut writer, 3, &value["platform"]);
    for (number, name) in [(4, "inputs"), (5, "outputs")] {
        for tensor in items(&value[name]) {
            let mut inner = Writer::default();
            text(&mut inner, 1, &tensor["name"]);
            text(&mut inner, 2, &tensor["datatype"]);
            shape(&mut inner, 3, &tensor["shape"]);
            writer.bytes(number, &inner.message);
        }
    }
    writer.message
}

/// `ModelInferResponse`.
pub(super) fn inference(value: &Value, form: Form) -> Result<Vec<u8>, GrpcError> {
    let mut writer = Writer::default();
    text(&mut writer, 1, &value["model_name"]);
    text(&mut writer, 2, &value["model_version"]);
    text(&mut writer, 3, &value["id"]);
    let mut raws = Vec::new();
    for tensor in items(&value["outputs"]) {
        let word = tensor["datatype"].as_str().unwrap_or_default();
        let datatype = Datatype::parse(word).ok_or_else(|| GrpcError {
            code: 13,
            message: format!("an output has the datatype `{word}`"),
        })?;
        // Half precision has no field of its own; single precision holds it.
        let datatype = if datatype == Datatype::Fp16 {
            Datatype::Fp32
        } else {
            datatype
        };
        let data = items(&tensor["data"]);
        let mut inner = Writer::default();
        text(&mut inner, 1, &tensor["name"]);
        inner.bytes(2, datatype.word().as_bytes());
        shape(&mut inner, 3, &tensor["shape"]);
        match form {
            Form::Typed => inner.bytes(5, &typed(datatype, data)),
            Form::Raw => raws.push(bytes(datatype, data)),
        }
        writer.bytes(5, &inner.message);
    }
    for raw in raws {
        writer.bytes(6, &raw);
    }
    Ok(writer.message)
}
