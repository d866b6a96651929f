//! Keys in KMS' words. The ring's files are small and local, so that it is asked in place.

use super::fault::fault;
use crate::fault::Fault;
use crate::operation::Call;
use crate::time::Epoch;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use objects::{Key, KeyState};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// Bytes that travel as base64. Their text is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Blob(pub(super) Vec<u8>);

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = BASE64_STANDARD
            .decode(text)
            .map_err(serde::de::Error::custom)?;
        Ok(Self(bytes))
    }
}

/// The key of an id, an alias or an ARN of either.
pub(super) fn find(call: &Call<'_>, name: &str) -> Result<Key, Fault> {
    call.aws.objects.keys().get(name).map_err(fault)
}

/// A key's ARN.
pub(super) fn arn(call: &Call<'_>, id: &str) -> String {
    call.arn("kms", &format!("key/{id}"))
}

/// `KeyMetadata`.
pub(super) fn metadata(call: &Call<'_>, key: &Key) -> Value {
    let (state, deletion) = match key.state {
        KeyState::Enabled => ("Enabled", None),
        KeyState::Disabled => ("Disabled", None),
        KeyState::PendingDeletion { at } => ("PendingDeletion", Some(at)),
    };
    let mut metadata = json!({
        "AWSAccountId": call.aws.account.id,
        "KeyId": key.id,
        "Arn": arn(call, &key.id),
        "CreationDate": Epoch(key.created),
        "Enabled": state == "Enabled",
        "Description": key.description,
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": state,
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
    });
    if let Some(at) = deletion {
        metadata["DeletionDate"] = json!(Epoch(at));
    }
    metadata
}

/// A page of things that are in order; the marker is the place of the next one.
pub(super) fn page<T>(
    all: Vec<T>,
    marker: Option<&str>,
    limit: Option<usize>,
) -> Result<(Vec<T>, Option<String>), Fault> {
    let bad = || Fault::new("InvalidMarkerException", "the Marker is not of this list");
    let from: usize = marker.map_or(Ok(0), |text| text.parse().map_err(|_| bad()))?;
    let limit = limit.unwrap_or(100).clamp(1, 1_000);
    let more = all.len() > from.saturating_add(limit);
    let page = all.into_iter().skip(from).take(limit).collect();
    Ok((page, more.then(|| (from + limit).to_string())))
}

/// Only the algorithm of symmetric keys is there.
pub(super) fn check_algorithm(algorithm: Option<&str>) -> Result<(), Fault> {
    match algorithm {
        None | Some("SYMMETRIC_DEFAULT") => Ok(()),
        Some(other) => Err(Fault::unsupported(format!(
            "the algorithm {other} is not served; keys are SYMMETRIC_DEFAULT"
        ))),
    }
}
