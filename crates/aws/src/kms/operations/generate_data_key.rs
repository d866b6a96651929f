//! `GenerateDataKey`: a fresh key in clear and encrypted.

use crate::fault::Fault;
use crate::kms::data_key::{Request, fresh};
use crate::kms::keys::{Blob, arn};
use crate::operation::{Call, Operation};
use serde_json::{Value, json};

pub(crate) struct GenerateDataKey;

impl Operation for GenerateDataKey {
    const NAME: &'static str = "GenerateDataKey";
    type Input = Request;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Request) -> Result<Value, Fault> {
        let made = fresh(call, &input)?;
        Ok(json!({
            "CiphertextBlob": Blob(made.sealed),
            "Plaintext": made.plain,
            "KeyId": arn(call, &made.key),
        }))
    }
}
