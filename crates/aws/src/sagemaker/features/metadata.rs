//! What is said of single features: a description and parameters, one document each.

use super::group::Group;
use crate::fault::Fault;
use crate::operation::{Call, read};
use crate::sagemaker::fault::fault;
use crate::time::Epoch;
use control::documents::NewDocument;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The documents' kind.
const METADATA: &str = "sagemaker/feature-metadata";
/// Most parameters of a feature.
const MOST: usize = 25;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    key: String,
    value: String,
}

fn id(group: &Group, feature: &str) -> String {
    format!("{}/{feature}", group.scope())
}

fn check(call: &Call<'_>, group: &Group, feature: &str) -> Result<(), Fault> {
    if group.feature(feature).is_some() {
        return Ok(());
    }
    let group = super::group::GROUP.arn(call, &group.entity.id);
    let feature: String = feature.chars().take(64).collect();
    Err(Fault::new(
        "ResourceNotFound",
        format!("Feature '{feature}' of '{group}' does not exist."),
    ))
}

/// A feature's description.
pub(crate) async fn described(
    call: &Call<'_>,
    group: &Group,
    feature: &str,
) -> Result<Value, Fault> {
    check(call, group, feature)?;
    let definitions = group.entity.request["FeatureDefinitions"].as_array();
    let mut all = definitions.into_iter().flatten();
    let own = all.find(|one| one["FeatureName"] == feature);
    let mut described = json!({
        "FeatureGroupArn": super::group::GROUP.arn(call, &group.entity.id),
        "FeatureGroupName": group.entity.id,
        "FeatureName": feature,
        "FeatureType": own.map(|own| own["FeatureType"].clone()),
        "CreationTime": Epoch(group.entity.created),
        "LastModifiedTime": Epoch(group.entity.created),
    });
    let caller = call.caller();
    let id = id(group, feature);
    let found = call
        .aws
        .control
        .find_document(&caller, METADATA, &id)
        .await
        .map_err(fault)?;
    if let Some(known) = found {
        let body = known.document.body;
        described["LastModifiedTime"] = json!(Epoch(known.document.updated));
        if let Some(text) = body.get("Description") {
            described["Description"] = text.clone();
        }
        let parameters = body["Parameters"].as_object().cloned().unwrap_or_default();
        let list = parameters
            .into_iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}));
        described["Parameters"] = Value::Array(list.collect());
    }
    Ok(described)
}

/// Takes over what is said of a feature.
pub(crate) async fn update(
    call: &Call<'_>,
    group: &Group,
    feature: &str,
    input: &Value,
) -> Result<(), Fault> {
    check(call, group, feature)?;
    let caller = call.caller();
    let control = &call.aws.control;
    let id = id(group, feature);
    let found = control
        .find_document(&caller, METADATA, &id)
        .await
        .map_err(fault)?;
    let revision = found.as_ref().map(|known| known.revision);
    let mut body = found.map_or_else(|| json!({}), |known| known.document.body);
    if let Some(text) = input.get("Description").filter(|text| !text.is_null()) {
        body["Description"] = text.clone();
    }
    let before = body.get("Parameters").and_then(Value::as_object);
    let mut parameters: Map<String, Value> = before.cloned().unwrap_or_default();
    if let Some(additions) = input
        .get("ParameterAdditions")
        .filter(|list| !list.is_null())
    {
        let additions: Vec<Parameter> = read(additions.clone())?;
        parameters.extend(additions.into_iter().map(|one| (one.key, json!(one.value))));
    }
    for key in input["ParameterRemovals"].as_array().into_iter().flatten() {
        parameters.remove(key.as_str().unwrap_or_default());
    }
    if parameters.len() > MOST {
        return Err(Fault::validation(format!(
            "a feature has at most {MOST} parameters"
        )));
    }
    body["Parameters"] = Value::Object(parameters);
    let new = NewDocument {
        kind: METADATA.to_owned(),
        id,
        parent: Some(group.scope()),
        phase: "kept".to_owned(),
        body,
        ..NewDocument::default()
    };
    control
        .put_document(&caller, &new, revision)
        .await
        .map_err(fault)?;
    Ok(())
}
