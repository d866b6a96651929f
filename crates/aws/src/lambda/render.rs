//! Descriptions as Lambda gives them.

use super::Asked;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::function::{Alias, Function, FunctionPhase, FunctionSpec, FunctionVersion};
use domain::{FunctionName, Location, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The ARN of a function or of a version of it.
pub(super) fn arn(asked: &Asked<'_>, name: &FunctionName, qualifier: Option<&str>) -> String {
    let resource = match qualifier {
        None => format!("function:{name}"),
        Some(qualifier) => format!("function:{name}:{qualifier}"),
    };
    asked.call.arn("lambda", &resource)
}

/// `$LATEST` of a function. `qualified` is set when it was asked for by its qualifier.
pub(super) async fn latest(asked: &Asked<'_>, function: &Function, qualified: bool) -> Value {
    let qualifier = qualified.then_some("$LATEST");
    let mark = format!("{}:{}", function.generation, function.updated.0);
    let mut value = configuration(
        asked,
        (&function.name, qualifier, "$LATEST"),
        &function.spec,
        function.updated,
        &mark,
    )
    .await;
    let (state, update) = match &function.phase {
        FunctionPhase::Active => ("Active", "Successful"),
        // An update leaves the function callable; only a new one is pending.
        FunctionPhase::Pending if function.generation > 1 => ("Active", "InProgress"),
        FunctionPhase::Pending => ("Pending", "Successful"),
        FunctionPhase::Failed { .. } => ("Failed", "Failed"),
    };
    value["State"] = json!(state);
    value["LastUpdateStatus"] = json!(update);
    match &function.phase {
        FunctionPhase::Failed { message } => {
            value["StateReason"] = json!(message);
            value["StateReasonCode"] = json!("InternalError");
            value["LastUpdateStatusReason"] = json!(message);
        }
        FunctionPhase::Pending if state == "Pending" => {
            value["StateReason"] = json!("The function is being created.");
            value["StateReasonCode"] = json!("Creating");
        }
        _ => {}
    }
    value
}

/// A published version.
pub(super) async fn version(asked: &Asked<'_>, version: &FunctionVersion) -> Value {
    let number = version.version.to_string();
    let mut value = configuration(
        asked,
        (&version.function, Some(&number), &number),
        &version.spec,
        version.created,
        &number,
    )
    .await;
    if !version.description.is_empty() {
        value["Description"] = json!(version.description);
    }
    value["State"] = json!("Active");
    value["LastUpdateStatus"] = json!("Successful");
    value
}

async fn configuration(
    asked: &Asked<'_>,
    (name, qualifier, version): (&FunctionName, Option<&str>, &str),
    spec: &FunctionSpec,
    modified: Timestamp,
    mark: &str,
) -> Value {
    let time = jiff::Timestamp::from_millisecond(modified.0).unwrap_or_default();
    let mut value = json!({
        "FunctionName": name,
        "FunctionArn": arn(asked, name, qualifier),
        "Role": "",
        "Handler": spec.handler,
        "CodeSize": size(asked, spec).await,
        "Description": spec.description,
        "Timeout": spec.timeout.0 / 1_000,
        "MemorySize": spec.memory.0 >> 20,
        "LastModified": time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string(),
        "CodeSha256": STANDARD.encode(unhex(&spec.code.content_hash)),
        "Version": version,
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": revision(name, version, mark),
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": spec.temporary.0 >> 20},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": format!("/aws/lambda/{name}")},
    });
    for member in [
        "Role",
        "Runtime",
        "Architectures",
        "TracingConfig",
        "KMSKeyArn",
    ] {
        if let Some(kept) = spec.foreign.get(member) {
            value[member] = kept.clone();
        }
    }
    if !spec.env.is_empty() {
        value["Environment"] = json!({"Variables": spec.env});
    }
    if let Some(Value::Array(layers)) = spec.foreign.get("Layers") {
        let layers = layers.iter().map(|arn| json!({"Arn": arn, "CodeSize": 0}));
        value["Layers"] = layers.collect();
    }
    value
}

async fn size(asked: &Asked<'_>, spec: &FunctionSpec) -> u64 {
    let Ok(Location::Object { bucket, key }) = Location::parse(&spec.code.location) else {
        return 0;
    };
    let workspace = asked.call.caller().workspace;
    let head = asked
        .call
        .aws
        .control
        .objects
        .head(&workspace, &bucket, &key)
        .await;
    head.map_or(0, |head| head.bytes)
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .filter_map(|c| c.to_digit(16))
        .map(|d| d as u8)
        .collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// A UUID that changes with what it is made of.
fn revision(name: &FunctionName, version: &str, mark: &str) -> String {
    let hash = Sha256::digest(format!("{name} {version} {mark}"));
    let digits = hash
        .iter()
        .take(16)
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

/// An alias.
pub(super) fn alias(asked: &Asked<'_>, alias: &Alias) -> Value {
    let version = alias
        .version
        .map_or("$LATEST".to_owned(), |number| number.to_string());
    let mut value = json!({
        "AliasArn": arn(asked, &alias.function, Some(alias.name.as_str())),
        "Name": alias.name,
        "FunctionVersion": version,
        "Description": alias.description,
        "RevisionId": revision(&alias.function, alias.name.as_str(), &alias.updated.0.to_string()),
    });
    if let Some(second) = &alias.weighted {
        let weight = f64::from(second.share.basis_points()) / 10_000.0;
        value["RoutingConfig"] =
            json!({"AdditionalVersionWeights": {second.version.to_string(): weight}});
    }
    value
}
