//! The JSON Schema of the file, for editors and for the checker.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::file::{Pipeline, SingleJob};

/// The JSON Schema (draft 2020-12) of `tradewind.yaml`: its two forms with shared definitions.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let forms = [
        generator.subschema_for::<SingleJob>().to_value(),
        generator.subschema_for::<Pipeline>().to_value(),
    ];
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tradewind workload file",
        "description": "A single job, or a pipeline of steps.",
        "anyOf": forms,
        "$defs": generator.take_definitions(true),
    })
}
