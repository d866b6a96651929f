//! What a request asks of the policies of its signer: an action and the ARN of a key or of an alias,
//! whatever name of the key it uses ("Actions, resources, and condition keys for AWS Key Management
//! Service" in the service authorization reference).

use super::keys::{arn, find};
use crate::operation::Call;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// The actions of an operation with their resources, all of which must be allowed.
pub(crate) fn questions(
    call: &Call<'_>,
    operation: &str,
    members: &Value,
) -> Vec<(String, String)> {
    let action = format!("kms:{operation}");
    let text = |name: &str| members.get(name)?.as_str();
    let named = |member: &str| text(member).map(|name| key_arn(call, name));
    let sealed = || text("CiphertextBlob").and_then(|blob| sealed_by(call, blob));
    let alias = || text("AliasName").map(|name| alias_arn(call, name));
    let of_alias = || {
        let key = text("AliasName").and_then(|name| find(call, name).ok());
        key.map(|key| arn(call, &key.id))
    };
    let resources = match operation {
        // Which key was named is checked against the ciphertext's own.
        "Decrypt" => vec![sealed().or_else(|| named("KeyId"))],
        "ReEncrypt" => {
            let source = sealed().or_else(|| named("SourceKeyId"));
            let both = [
                ("kms:ReEncryptFrom", source),
                ("kms:ReEncryptTo", named("DestinationKeyId")),
            ];
            let asked = both.map(|(action, resource)| (action.to_owned(), or_any(resource)));
            return asked.into();
        }
        "CreateAlias" => vec![alias(), named("TargetKeyId")],
        "UpdateAlias" => vec![alias(), of_alias(), named("TargetKeyId")],
        "DeleteAlias" => vec![alias(), of_alias()],
        // These list or make something, and have no resource.
        "CreateKey" | "GenerateRandom" | "ListAliases" | "ListKeys" => Vec::new(),
        _ => vec![named("KeyId")],
    };
    let mut resources: Vec<String> = resources.into_iter().flatten().collect();
    if resources.is_empty() {
        resources.push(or_any(None));
    }
    let asked = resources.into_iter();
    asked.map(|resource| (action.clone(), resource)).collect()
}

fn or_any(resource: Option<String>) -> String {
    resource.unwrap_or_else(|| "*".to_owned())
}

/// The ARN of the key of an id, an alias or an ARN of either; of what is not there, the ARN that it
/// would have.
fn key_arn(call: &Call<'_>, name: &str) -> String {
    if let Ok(key) = find(call, name) {
        return arn(call, &key.id);
    }
    match name {
        name if name.starts_with("arn:") => name.to_owned(),
        name if name.starts_with("alias/") => alias_arn(call, name),
        name => arn(call, name),
    }
}

fn alias_arn(call: &Call<'_>, name: &str) -> String {
    let name = name.splitn(6, ':').nth(5).unwrap_or(name);
    call.arn("kms", name)
}

/// The ARN of the key that a ciphertext names.
fn sealed_by(call: &Call<'_>, blob: &str) -> Option<String> {
    let blob = BASE64_STANDARD.decode(blob).ok()?;
    let key = objects::sealed_by(&blob).ok()?;
    Some(arn(call, &key))
}
