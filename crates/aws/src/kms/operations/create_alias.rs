//! `CreateAlias`: gives a key a name.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::find;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;

pub(crate) struct CreateAlias;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    alias_name: String,
    target_key_id: String,
}

impl Operation for CreateAlias {
    const NAME: &'static str = "CreateAlias";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let keys = call.aws.objects.keys();
        if input.alias_name.starts_with("alias/aws/") {
            return Err(Fault::new(
                "NotAuthorizedException",
                "names below alias/aws/ are reserved",
            ));
        }
        if keys.get(&input.alias_name).is_ok() {
            let alias = call.arn("kms", &input.alias_name);
            return Err(Fault::new(
                "AlreadyExistsException",
                format!("An alias with the name {alias} already exists"),
            ));
        }
        let key = find(call, &input.target_key_id)?;
        keys.set_alias(&input.alias_name, &key.id).map_err(fault)?;
        Ok(Nothing {})
    }
}
