//! `CreateKey`: makes a symmetric key.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::metadata;
use crate::kms::operations::tag_resource::{Tag, add};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct CreateKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    key_usage: Option<String>,
    #[serde(default)]
    key_spec: Option<String>,
    #[serde(default)]
    customer_master_key_spec: Option<String>,
    #[serde(default)]
    origin: Option<String>,
    #[serde(default)]
    multi_region: Option<bool>,
    #[serde(default)]
    policy: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
}

impl Operation for CreateKey {
    const NAME: &'static str = "CreateKey";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        for (member, value, served) in [
            ("KeyUsage", &input.key_usage, "ENCRYPT_DECRYPT"),
            ("KeySpec", &input.key_spec, "SYMMETRIC_DEFAULT"),
            (
                "CustomerMasterKeySpec",
                &input.customer_master_key_spec,
                "SYMMETRIC_DEFAULT",
            ),
            ("Origin", &input.origin, "AWS_KMS"),
        ] {
            if value.as_deref().is_some_and(|value| value != served) {
                return Err(Fault::unsupported(format!(
                    "of keys only those with {member} {served} are served"
                )));
            }
        }
        if input.multi_region == Some(true) || input.policy.is_some() {
            return Err(Fault::unsupported(
                "MultiRegion and Policy of keys are not served; policies of IAM decide who may use a key",
            ));
        }
        let keys = call.aws.objects.keys();
        let key = keys
            .create(input.description.as_deref().unwrap_or(""))
            .map_err(fault)?;
        add(call, &key.id, &input.tags).await?;
        Ok(json!({"KeyMetadata": metadata(call, &key)}))
    }
}
