//! `ModelInferRequest` as an inference request in JSON.

use super::GrpcError;
use super::tensors::{Contents, raw};
use super::wire::Reader;
use crate::oip::Datatype;
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// How tensors travel: the reply is written as the request was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// In fields by their type.
    #[default]
    Typed,
    /// As bytes beside the tensors.
    Raw,
}

/// An inference request.
pub(super) struct Read {
    pub(super) model: String,
    pub(super) version: String,
    pub(super) body: Bytes,
    pub(super) form: Form,
}

/// A tensor whose elements may come later.
#[derive(Default)]
struct Input<'a> {
    name: &'a str,
    datatype: &'a str,
    shape: Vec<u64>,
    contents: Contents<'a>,
}

/// Reads the message.
pub(super) fn read(message: &[u8]) -> Result<Read, GrpcError> {
    let (mut model, mut version, mut id) = ("", "", "");
    let (mut inputs, mut outputs, mut raws) = (Vec::new(), Vec::new(), Vec::new());
    let mut reader = Reader::new(message);
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => model = field.text()?,
            2 => version = field.text()?,
            3 => id = field.text()?,
            5 => inputs.push(input(field.bytes()?)?),
            6 => outputs.push(json!({"name": name(field.bytes()?)?})),
            7 => raws.push(field.bytes()?),
            // Parameters change nothing here.
            _ => {}
        }
    }
    let form = if raws.is_empty() {
        Form::Typed
    } else {
        Form::Raw
    };
    if form == Form::Raw && raws.len() != inputs.len() {
        return Err(GrpcError::invalid(format!(
            "there are {} inputs and {} raw contents",
            inputs.len(),
            raws.len()
        )));
    }
    let mut tensors = Vec::with_capacity(inputs.len());
    for (place, input) in inputs.into_iter().enumerate() {
        tensors.push(tensor(input, raws.get(place).copied())?);
    }
    let mut body = Map::new();
    if !id.is_empty() {
        body.insert("id".to_owned(), json!(id));
    }
    body.insert("inputs".to_owned(), Value::Array(tensors));
    body.insert("outputs".to_owned(), Value::Array(outputs));
    Ok(Read {
        model: model.to_owned(),
        version: version.to_owned(),
        body: Value::Object(body).to_string().into(),
        form,
    })
}

fn tensor(input: Input<'_>, raw_contents: Option<&[u8]>) -> Result<Value, GrpcError> {
    let name = input.name;
    let Some(datatype) = Datatype::parse(input.datatype) else {
        let message = format!("input `{name}`: `{}` is not a datatype", input.datatype);
        return Err(GrpcError::invalid(message));
    };
    let data = match raw_contents {
        Some(bytes) => raw(datatype, bytes),
        None => input.contents.elements(datatype),
    };
    let data = data.map_err(|reason| GrpcError::invalid(format!("input `{name}`: {reason}")))?;
    Ok(json!({
        "name": name,
        "datatype": datatype.word(),
        "shape": input.shape,
        "data": data,
    }))
}

fn input(message: &[u8]) -> Result<Input<'_>, GrpcError> {
    let mut input = Input::default();
    let mut reader = Reader::new(message);
    while let Some((number, field)) = reader.next()? {
        match number {
            1 => input.name = field.text()?,
            2 => input.datatype = field.text()?,
            3 => field.integers(&mut input.shape)?,
            5 => input.contents.read(field.bytes()?)?,
            _ => {}
        }
    }
    Ok(input)
}

fn name(message: &[u8]) -> Result<&str, GrpcError> {
    let mut name = "";
    let mut reader = Reader::new(message);
    while let Some((number, field)) = reader.next()? {
        if number == 1 {
            name = field.text()?;
        }
    }
    Ok(name)
}
