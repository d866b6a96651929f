//! `PutUserPermissionsBoundary`: sets the most that a user may have.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct PutUserPermissionsBoundary;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
    permissions_boundary: String,
}

impl Operation for PutUserPermissionsBoundary {
    const NAME: &'static str = "PutUserPermissionsBoundary";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let boundary = Some(input.permissions_boundary.as_str());
        call.bound(Kind::User, &input.user_name, boundary).await?;
        Ok(Nothing {})
    }
}
