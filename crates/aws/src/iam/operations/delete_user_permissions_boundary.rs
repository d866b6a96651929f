//! `DeleteUserPermissionsBoundary`: takes the boundary of a user away.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct DeleteUserPermissionsBoundary;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
}

impl Operation for DeleteUserPermissionsBoundary {
    const NAME: &'static str = "DeleteUserPermissionsBoundary";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        call.bound(Kind::User, &input.user_name, None).await?;
        Ok(Nothing {})
    }
}
