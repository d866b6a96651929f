//! `ListKeyPolicies`: a key has one policy.

use super::get_key_policy::DEFAULT;
use crate::fault::Fault;
use crate::kms::keys::find;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ListKeyPolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
}

impl Operation for ListKeyPolicies {
    const NAME: &'static str = "ListKeyPolicies";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        find(call, &input.key_id)?;
        Ok(json!({"PolicyNames": [DEFAULT], "Truncated": false}))
    }
}
