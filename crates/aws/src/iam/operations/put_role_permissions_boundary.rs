//! `PutRolePermissionsBoundary`: sets the most that a role may have.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct PutRolePermissionsBoundary;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    permissions_boundary: String,
}

impl Operation for PutRolePermissionsBoundary {
    const NAME: &'static str = "PutRolePermissionsBoundary";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let boundary = Some(input.permissions_boundary.as_str());
        call.bound(Kind::Role, &input.role_name, boundary).await?;
        Ok(Nothing {})
    }
}
