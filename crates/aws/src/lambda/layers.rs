//! Layers: documents whose content is a frozen archive.

use super::fault::{of, parameter};
use super::{Answered, Asked, names, spec};
use crate::fault::Fault;
use control::documents::{DocumentFilter, NewDocument};
use domain::Name;
use http::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const KIND: &str = "aws-lambda-layer-version";

fn id(name: &str, version: u32) -> String {
    format!("{name}:{version:010}")
}

/// `PublishLayerVersion`.
pub(super) async fn publish(asked: &Asked<'_>, name: &str) -> Answered {
    let members = asked.members()?;
    Name::new(name).map_err(|error| parameter(error.to_string()))?;
    let content = members.get("Content").cloned().unwrap_or_default();
    let location = spec::code(asked, &content).await?;
    let control = &asked.call.aws.control;
    let caller = asked.call.caller();
    let before = of_name(asked, name).await?;
    let newest = before
        .iter()
        .filter_map(|body| body["Version"].as_u64())
        .max();
    let version = newest.map_or(1, |newest| newest as u32 + 1);
    let time = jiff::Timestamp::from_millisecond(control.world.now().0).unwrap_or_default();
    let layer = asked.call.arn("lambda", &format!("layer:{name}"));
    let body = json!({
        "LayerArn": layer,
        "LayerVersionArn": format!("{layer}:{version}"),
        "Description": members.get("Description").cloned().unwrap_or(json!("")),
        "CreatedDate": time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(),
        "Version": version,
        "CompatibleRuntimes": members.get("CompatibleRuntimes").cloned().unwrap_or(json!([])),
        "LicenseInfo": members.get("LicenseInfo").cloned().unwrap_or(json!("")),
        "Content": {"Location": location},
    });
    let new = NewDocument {
        kind: KIND.to_owned(),
        id: id(name, version),
        parent: Some(name.to_owned()),
        phase: "published".to_owned(),
        body: body.clone(),
        ..NewDocument::default()
    };
    control.create_document(&caller, &new).await.map_err(of)?;
    Ok((StatusCode::CREATED, body))
}

async fn of_name(asked: &Asked<'_>, name: &str) -> Result<Vec<Value>, Fault> {
    let filter = DocumentFilter {
        kind: KIND.to_owned(),
        parent: Some(name.to_owned()),
        limit: 1_000,
        ..DocumentFilter::default()
    };
    let caller = asked.call.caller();
    let listed = asked.call.aws.control.documents(&caller, &filter).await;
    let (documents, _) = listed.map_err(of)?;
    Ok(documents
        .into_iter()
        .map(|document| document.body)
        .collect())
}

/// `GetLayerVersionByArn`.
pub(super) async fn get_by_arn(asked: &Asked<'_>) -> Answered {
    let arn = asked.query.get("Arn").map_or("", String::as_str);
    let (name, version) = names::layer(arn)?;
    Ok((StatusCode::OK, find(asked, &name, version).await?))
}

/// `ListLayers`: each with its newest version.
pub(super) async fn list_all(asked: &Asked<'_>) -> Answered {
    let caller = asked.call.caller();
    let mut newest: BTreeMap<String, Value> = BTreeMap::new();
    let mut after = None;
    loop {
        let filter = DocumentFilter {
            kind: KIND.to_owned(),
            after,
            limit: 500,
            ..DocumentFilter::default()
        };
        let control = &asked.call.aws.control;
        let (page, next) = control.documents(&caller, &filter).await.map_err(of)?;
        for document in page {
            let name = document.parent.unwrap_or_default();
            let newer = newest
                .get(&name)
                .is_none_or(|found| found["Version"].as_u64() < document.body["Version"].as_u64());
            if newer {
                newest.insert(name, document.body);
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    let shown: Vec<Value> = newest
        .into_iter()
        .map(|(name, mut version)| {
            let arn = version["LayerArn"].clone();
            if let Some(members) = version.as_object_mut() {
                members.remove("Content");
                members.remove("LayerArn");
            }
            json!({"LayerName": name, "LayerArn": arn, "LatestMatchingVersion": version})
        })
        .collect();
    Ok((StatusCode::OK, json!({"Layers": shown})))
}

/// `ListLayerVersions`.
pub(super) async fn list(asked: &Asked<'_>, name: &str) -> Answered {
    let mut versions = of_name(asked, name).await?;
    versions.reverse();
    for version in &mut versions {
        if let Some(members) = version.as_object_mut() {
            members.remove("Content");
            members.remove("LayerArn");
        }
    }
    Ok((StatusCode::OK, json!({"LayerVersions": versions})))
}

async fn find(asked: &Asked<'_>, name: &str, version: u32) -> Result<Value, Fault> {
    let caller = asked.call.caller();
    let found = asked
        .call
        .aws
        .control
        .document(&caller, KIND, &id(name, version))
        .await;
    Ok(found.map_err(of)?.document.body)
}

fn number(version: &str) -> Result<u32, Fault> {
    version
        .parse()
        .map_err(|_| parameter(format!("`{version}` is not the number of a version")))
}

/// `GetLayerVersion`.
pub(super) async fn get(asked: &Asked<'_>, name: &str, version: &str) -> Answered {
    Ok((StatusCode::OK, find(asked, name, number(version)?).await?))
}

/// `DeleteLayerVersion`: functions that have it keep their copy.
pub(super) async fn delete(asked: &Asked<'_>, name: &str, version: &str) -> Answered {
    let caller = asked.call.caller();
    let id = id(name, number(version)?);
    match asked
        .call
        .aws
        .control
        .delete_document(&caller, KIND, &id)
        .await
    {
        // One that is not there is no error.
        Ok(()) | Err(domain::Refusal::NotFound { .. }) => Ok((StatusCode::NO_CONTENT, Value::Null)),
        Err(refusal) => Err(of(refusal)),
    }
}

/// Where the content of a layer version is, when whoever asks may have it.
pub(super) async fn location(asked: &Asked<'_>, arn: &str) -> Result<String, Fault> {
    let (name, version) = names::layer(arn)?;
    let (call, action) = (asked.call, "lambda:GetLayerVersion");
    let whole = call.arn("lambda", &format!("layer:{name}:{version}"));
    let facts = call.facts(call.connection, &Value::Null);
    call.demand(action, &whole, &facts).await?;
    let body = find(asked, &name, version)
        .await
        .map_err(|_| parameter(format!("Layer version {arn} does not exist.")))?;
    let location = body.pointer("/Content/Location").and_then(Value::as_str);
    Ok(location.unwrap_or_default().to_owned())
}
