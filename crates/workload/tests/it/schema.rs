//! The JSON Schema.

use serde_json::Value;
use tradewind_workload::schema;

#[test]
fn every_key_is_described_and_every_map_closed() {
    let schema = schema();
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        let Some(properties) = definition.get("properties").and_then(Value::as_object) else {
            continue;
        };
        assert_eq!(definition["additionalProperties"], false, "{name}");
        for (key, property) in properties {
            assert!(property["description"].is_string(), "{name}.{key}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let schema = schema();
    let text = schema.to_string();
    for reference in text.split("\"$ref\":\"").skip(1) {
        let target = reference.split('"').next().unwrap().trim_start_matches('#');
        assert!(schema.pointer(target).is_some(), "{target}");
    }
    assert_eq!(schema["anyOf"].as_array().unwrap().len(), 2);
}
