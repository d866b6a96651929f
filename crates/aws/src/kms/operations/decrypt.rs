//! `Decrypt`: opens a ciphertext with the key that it names, in the same context.

use crate::fault::Fault;
use crate::kms::context::{Context, bytes};
use crate::kms::fault::fault;
use crate::kms::keys::{Blob, arn, check_algorithm, find};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Decrypt;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    ciphertext_blob: Blob,
    #[serde(default)]
    key_id: Option<String>,
    #[serde(default)]
    encryption_context: Context,
    #[serde(default)]
    encryption_algorithm: Option<String>,
}

impl Operation for Decrypt {
    const NAME: &'static str = "Decrypt";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        check_algorithm(input.encryption_algorithm.as_deref())?;
        let context = bytes(&input.encryption_context);
        let keys = call.aws.objects.keys();
        let (key, plain) = keys
            .decrypt(&input.ciphertext_blob.0, &context)
            .map_err(fault)?;
        if let Some(name) = &input.key_id
            && find(call, name)?.id != key
        {
            return Err(Fault::new(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.",
            ));
        }
        Ok(json!({
            "Plaintext": Blob(plain),
            "KeyId": arn(call, &key),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }
}
