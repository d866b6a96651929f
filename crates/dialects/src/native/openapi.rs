//! The API's description in OpenAPI 3.1, made of the operations' own table: their types' JSON
//! Schemas are the ones that the bodies are read with.

use super::operations;
use axum::Json;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// One operation, described.
pub(super) struct Described {
    /// Its identifier: the name of its file.
    pub(super) id: &'static str,
    /// `get`, `post`, …
    pub(super) method: &'static str,
    /// With `{parameters}`.
    pub(super) path: &'static str,
    /// One sentence.
    pub(super) summary: &'static str,
    /// Names of query parameters.
    pub(super) query: &'static [&'static str],
    /// Schema of the request's body.
    pub(super) takes: Option<fn(&mut SchemaGenerator) -> schemars::Schema>,
    /// Schema of the answer's body.
    pub(super) gives: Option<fn(&mut SchemaGenerator) -> schemars::Schema>,
}

/// The document.
pub(super) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::described() {
        let described = describe(&operation, &mut generator);
        let path = operation.path.replace("{*", "{");
        let item = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(item) = item.as_object_mut() {
            item.insert(operation.method.to_owned(), described);
        }
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Tradewind", "version": env!("CARGO_PKG_VERSION")},
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    })
}

fn describe(operation: &Described, generator: &mut SchemaGenerator) -> Value {
    let named = operation
        .path
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'));
    let path = named.map(|(name, _)| {
        let name = name.trim_start_matches('*');
        json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})
    });
    let query = operation.query.iter().map(|name| {
        json!({"name": name, "in": "query", "required": false, "schema": {"type": "string"}})
    });
    let content = |schema: schemars::Schema| json!({"application/json": {"schema": schema}});
    let gives = operation.gives.map(|schema| content(schema(generator)));
    let refused = json!({"description": "refused: `code` and `message`"});
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": path.chain(query).collect::<Vec<Value>>(),
        "responses": {"200": {"description": "done"}, "default": refused},
    });
    if let Some(gives) = gives {
        described["responses"]["200"]["content"] = gives;
    }
    if let Some(takes) = operation.takes {
        described["requestBody"] = json!({"required": true, "content": content(takes(generator))});
    }
    described
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn answer() -> Json<Value> {
    Json(document())
}
