//! `BatchGetRecord`: records of several groups; what is not there is left out, what cannot be read
//! is an error of its own.

use super::wire;
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::features::record::wrong;
use crate::sagemaker::features::{group, online};
use serde::Deserialize;
use serde_json::{Value, json};

/// Most groups and identifiers of one request.
const MOST: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request {
    identifiers: Vec<Identifiers>,
    #[serde(default)]
    expiration_time_response: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Identifiers {
    feature_group_name: String,
    record_identifiers_value_as_string: Vec<String>,
    #[serde(default)]
    feature_names: Vec<String>,
}

pub(super) async fn answer(call: &Call<'_>, request: Request) -> Result<Value, Fault> {
    let sizes = request
        .identifiers
        .iter()
        .map(|one| one.record_identifiers_value_as_string.len());
    if request.identifiers.is_empty() || request.identifiers.len() > MOST {
        return Err(wrong(format!(
            "Validation Error: 1 to {MOST} Identifiers must be given"
        )));
    }
    if sizes.max().unwrap_or(0) > MOST {
        return Err(wrong(format!(
            "Validation Error: a group has at most {MOST} identifiers"
        )));
    }
    let asked = request.expiration_time_response.as_deref() == Some("Enabled");
    let (mut records, mut errors) = (Vec::new(), Vec::new());
    for wanted in &request.identifiers {
        for identifier in &wanted.record_identifiers_value_as_string {
            match one(call, wanted, identifier, asked).await {
                Ok(found) => records.extend(found),
                Err(fault) if fault.status.is_client_error() => errors.push(json!({
                    "FeatureGroupName": wanted.feature_group_name,
                    "RecordIdentifierValueAsString": identifier,
                    "ErrorCode": fault.code,
                    "ErrorMessage": fault.message,
                })),
                Err(fault) => return Err(fault),
            }
        }
    }
    Ok(json!({"Records": records, "Errors": errors, "UnprocessedIdentifiers": []}))
}

async fn one(
    call: &Call<'_>,
    wanted: &Identifiers,
    identifier: &str,
    asked: bool,
) -> Result<Option<Value>, Fault> {
    let group = group::require(call, &wanted.feature_group_name).await?;
    let arn = group::GROUP.arn(call, &group.entity.id);
    let facts = call.facts(call.connection, &Value::Null);
    call.demand("sagemaker:BatchGetRecord", &arn, &facts)
        .await?;
    if !group.is_online() {
        return Err(wrong(
            "Validation Error: the feature group has no online store",
        ));
    }
    let Some(kept) = online::get(call, &group, identifier).await? else {
        return Ok(None);
    };
    let record = wire::chosen(&group, &kept, &wanted.feature_names)?;
    let answer = json!({
        "FeatureGroupName": wanted.feature_group_name,
        "RecordIdentifierValueAsString": identifier,
        "Record": record,
    });
    Ok((!record.is_empty()).then(|| wire::with_expiry(answer, &kept, asked)))
}
