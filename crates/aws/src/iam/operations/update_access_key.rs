//! `UpdateAccessKey`: switches a key on or off.

use crate::fault::Fault;
use crate::iam::names::invalid;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct UpdateAccessKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: Option<String>,
    access_key_id: String,
    status: String,
}

impl Operation for UpdateAccessKey {
    const NAME: &'static str = "UpdateAccessKey";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let active = match input.status.as_str() {
            "Active" => true,
            "Inactive" => false,
            _ => return Err(invalid("Status must be Active or Inactive")),
        };
        let user = call.user(input.user_name).await?;
        call.own_key(&user, &input.access_key_id).await?;
        call.aws
            .switch_access_key(&input.access_key_id, active)
            .await?;
        Ok(Nothing {})
    }
}
