//! `ReEncrypt`: opens a ciphertext and encrypts what was in it by another key; it never leaves the server.

use crate::fault::Fault;
use crate::kms::context::{Context, bytes};
use crate::kms::fault::fault;
use crate::kms::keys::{Blob, arn, find};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ReEncrypt;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    ciphertext_blob: Blob,
    #[serde(default)]
    source_key_id: Option<String>,
    destination_key_id: String,
    #[serde(default)]
    source_encryption_context: Context,
    #[serde(default)]
    destination_encryption_context: Context,
}

impl Operation for ReEncrypt {
    const NAME: &'static str = "ReEncrypt";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let keys = call.aws.objects.keys();
        let context = bytes(&input.source_encryption_context);
        let (source, plain) = keys
            .decrypt(&input.ciphertext_blob.0, &context)
            .map_err(fault)?;
        if let Some(name) = &input.source_key_id
            && find(call, name)?.id != source
        {
            return Err(Fault::new(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.",
            ));
        }
        let context = bytes(&input.destination_encryption_context);
        let sealed = keys.encrypt(&input.destination_key_id, &plain, &context);
        let (key, sealed) = sealed.map_err(fault)?;
        Ok(json!({
            "CiphertextBlob": Blob(sealed),
            "SourceKeyId": arn(call, &source),
            "KeyId": arn(call, &key),
            "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }
}
