//! `DeleteUser`: deletes a user without policies and keys.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::operation::{Call, Nothing, Operation};
use http::StatusCode;
use serde::Deserialize;

pub(crate) struct DeleteUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
}

impl Operation for DeleteUser {
    const NAME: &'static str = "DeleteUser";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let user = call.entity(Kind::User, &input.user_name).await?;
        let arn = user.arn(Kind::User, &call.aws.account.id);
        if !call
            .aws
            .access_keys(&arn, &call.principal.workspace)
            .await?
            .is_empty()
        {
            let text = "Cannot delete entity, must delete access keys first.";
            return Err(Fault::new("DeleteConflict", text).with_status(StatusCode::CONFLICT));
        }
        call.delete_entity(Kind::User, &input.user_name).await?;
        Ok(Nothing {})
    }
}
