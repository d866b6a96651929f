//! Inference: tensors in, tensors out, by way of the JSON forms that every handler reads.
//!
//! One input becomes `{"instances": rows}`, several become `{"inputs": {name: column}}`; the element
//! type of a single input travels as a parameter of the media type, so that a saved model is given
//! an array of exactly that type. What the handler calls `predictions` becomes the output tensor
//! `predict`; a list of objects becomes one output for each of their members.

use super::metadata::{Found, OUTPUT};
use super::route::Target;
use super::tensor::{Datatype, Tensor};
use crate::call::{Request, Response};
use crate::endpoints::Endpoints;
use crate::error::Error;
use bytes::Bytes;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[derive(Deserialize)]
struct InferenceRequest {
    #[serde(default)]
    id: Option<String>,
    inputs: Vec<Value>,
    #[serde(default)]
    outputs: Vec<RequestedOutput>,
}

#[derive(Deserialize)]
struct RequestedOutput {
    name: String,
}

/// Answers one inference request.
pub(super) async fn infer(
    endpoints: &Endpoints,
    found: Found,
    target: &Target,
    (headers, body): (HeaderMap, Bytes),
    deadline: Duration,
) -> Result<Value, Error> {
    let request: InferenceRequest = serde_json::from_slice(&body).map_err(|error| {
        Error::Invalid(format!("the body is not an inference request: {error}"))
    })?;
    let (content_type, payload) = translate(request.inputs)?;
    let invocation = Request {
        content_type,
        accept: "application/json".to_owned(),
        body: Bytes::from(payload.to_string()),
        variant: found.variant,
        headers,
        deadline,
    };
    let response = endpoints.invoke(&found.status.key, invocation).await?;
    let outputs = outputs(&response)?;
    let outputs = select(outputs, &request.outputs)?;
    let mut reply = Map::new();
    reply.insert("model_name".to_owned(), json!(target.model));
    reply.insert("model_version".to_owned(), json!(response.variant));
    if let Some(id) = request.id {
        reply.insert("id".to_owned(), json!(id));
    }
    let outputs = outputs.into_iter().map(|tensor| {
        json!({
            "name": tensor.name,
            "datatype": tensor.datatype.word(),
            "shape": tensor.shape,
            "data": tensor.data,
        })
    });
    reply.insert("outputs".to_owned(), outputs.collect());
    Ok(Value::Object(reply))
}

/// The media type and body for the worker.
fn translate(inputs: Vec<Value>) -> Result<(String, Value), Error> {
    let mut tensors = inputs
        .into_iter()
        .map(Tensor::parse)
        .collect::<Result<Vec<_>, _>>()?;
    if tensors.is_empty() {
        return Err(Error::Invalid(
            "`inputs` is empty; send at least one tensor".to_owned(),
        ));
    }
    if tensors.len() == 1 {
        let tensor = tensors.remove(0);
        if tensor.shape.is_empty() {
            return Err(Error::Invalid(format!(
                "input `{}` has no dimensions",
                tensor.name
            )));
        }
        let content_type = format!("application/json; datatype={}", tensor.datatype.word());
        return Ok((content_type, json!({ "instances": tensor.nested() })));
    }
    let rows = tensors[0].shape.first().copied();
    let mut columns = Map::new();
    for tensor in tensors {
        if tensor.shape.first().copied() != rows || rows.is_none() {
            let name = tensor.name;
            let message = format!("input `{name}` does not have as many rows as the first input");
            return Err(Error::Invalid(message));
        }
        let name = tensor.name.clone();
        if columns.insert(name.clone(), tensor.nested()).is_some() {
            return Err(Error::Invalid(format!("input `{name}` is there twice")));
        }
    }
    Ok(("application/json".to_owned(), json!({ "inputs": columns })))
}

fn outputs(response: &Response) -> Result<Vec<Tensor>, Error> {
    let untranslatable = |reason: String| Error::Machine {
        what: format!(
            "translating the answer of `{}` into tensors",
            response.variant
        ),
        why: reason,
    };
    let value: Value = serde_json::from_slice(&response.body)
        .map_err(|error| untranslatable(format!("it is not JSON: {error}")))?;
    let predictions = match value {
        Value::Object(mut object) if object.contains_key("predictions") => {
            object.remove("predictions").unwrap_or_default()
        }
        other => other,
    };
    let datatype = response.datatype.as_deref().and_then(Datatype::parse);
    let named = match members(predictions) {
        Ok(named) => named,
        Err(single) => vec![(OUTPUT.to_owned(), single)],
    };
    let only = named.len() == 1;
    let tensors = named.into_iter().map(|(name, value)| {
        Tensor::of_answer(&name, value, datatype.filter(|_| only)).map_err(untranslatable)
    });
    tensors.collect()
}

/// A mapping, or a list of mappings with the same members, as one list for each member; anything
/// else comes back.
fn members(predictions: Value) -> Result<Vec<(String, Value)>, Value> {
    match predictions {
        Value::Object(object) => Ok(object.into_iter().collect()),
        Value::Array(items) if items.first().is_some_and(Value::is_object) => {
            let keys = |item: &Value| {
                item.as_object()
                    .map(|o| o.keys().cloned().collect::<BTreeSet<_>>())
            };
            let first = keys(&items[0]);
            if items.iter().any(|item| keys(item) != first) {
                return Err(Value::Array(items));
            }
            let names: Vec<String> = items[0]
                .as_object()
                .map(|o| o.keys().cloned().collect())
                .unwrap_or_default();
            let column = |name: &String| {
                Value::Array(
                    items
                        .iter()
                        .map(|item| item[name.as_str()].clone())
                        .collect(),
                )
            };
            Ok(names
                .iter()
                .map(|name| (name.clone(), column(name)))
                .collect())
        }
        other => Err(other),
    }
}

fn select(tensors: Vec<Tensor>, wanted: &[RequestedOutput]) -> Result<Vec<Tensor>, Error> {
    if wanted.is_empty() {
        return Ok(tensors);
    }
    let mut selected = Vec::with_capacity(wanted.len());
    for output in wanted {
        let Some(tensor) = tensors.iter().find(|tensor| tensor.name == output.name) else {
            let names: Vec<_> = tensors
                .iter()
                .map(|tensor| format!("`{}`", tensor.name))
                .collect();
            let message = format!(
                "the model has no output `{}`; it has {}",
                output.name,
                names.join(", ")
            );
            return Err(Error::Invalid(message));
        };
        selected.push(tensor.clone());
    }
    Ok(selected)
}
