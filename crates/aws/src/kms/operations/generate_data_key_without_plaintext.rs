//! `GenerateDataKeyWithoutPlaintext`: a fresh key, encrypted only.

use crate::fault::Fault;
use crate::kms::data_key::{Request, fresh};
use crate::kms::keys::{Blob, arn};
use crate::operation::{Call, Operation};
use serde_json::{Value, json};

pub(crate) struct GenerateDataKeyWithoutPlaintext;

impl Operation for GenerateDataKeyWithoutPlaintext {
    const NAME: &'static str = "GenerateDataKeyWithoutPlaintext";
    type Input = Request;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Request) -> Result<Value, Fault> {
        let made = fresh(call, &input)?;
        Ok(json!({"CiphertextBlob": Blob(made.sealed), "KeyId": arn(call, &made.key)}))
    }
}
