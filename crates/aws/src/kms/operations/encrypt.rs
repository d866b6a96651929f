//! `Encrypt`: encrypts up to 4,096 bytes, bound to a context.

use crate::fault::Fault;
use crate::kms::context::{Context, bytes};
use crate::kms::fault::fault;
use crate::kms::keys::{Blob, arn, check_algorithm};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct Encrypt;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
    plaintext: Blob,
    #[serde(default)]
    encryption_context: Context,
    #[serde(default)]
    encryption_algorithm: Option<String>,
}

impl Operation for Encrypt {
    const NAME: &'static str = "Encrypt";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        check_algorithm(input.encryption_algorithm.as_deref())?;
        let context = bytes(&input.encryption_context);
        let keys = call.aws.objects.keys();
        let (key, sealed) = keys
            .encrypt(&input.key_id, &input.plaintext.0, &context)
            .map_err(fault)?;
        Ok(json!({
            "CiphertextBlob": Blob(sealed),
            "KeyId": arn(call, &key),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }))
    }
}
