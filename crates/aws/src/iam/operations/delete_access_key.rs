//! `DeleteAccessKey`: deletes a key.

use crate::fault::Fault;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DeleteAccessKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: Option<String>,
    access_key_id: String,
}

impl Operation for DeleteAccessKey {
    const NAME: &'static str = "DeleteAccessKey";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let user = call.user(input.user_name).await?;
        call.own_key(&user, &input.access_key_id).await?;
        call.aws.delete_access_key(&input.access_key_id).await?;
        Ok(Nothing {})
    }
}
