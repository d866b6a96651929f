//! `GetKeyPolicy`: every key has AWS's default policy, which leaves it to the policies of
//! principals (KMS developer guide, "Default key policy").

use crate::fault::Fault;
use crate::kms::keys::find;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct GetKeyPolicy;

/// The one name that a key's policy has.
pub(super) const DEFAULT: &str = "default";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
    #[serde(default)]
    policy_name: Option<String>,
}

impl Operation for GetKeyPolicy {
    const NAME: &'static str = "GetKeyPolicy";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        find(call, &input.key_id)?;
        if input.policy_name.is_some_and(|name| name != DEFAULT) {
            return Err(Fault::new("NotFoundException", "No such policy exists"));
        }
        let policy = json!({
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [{
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{}:root", call.aws.account.id)},
                "Action": "kms:*",
                "Resource": "*",
            }],
        });
        Ok(json!({"Policy": policy.to_string(), "PolicyName": DEFAULT}))
    }
}
