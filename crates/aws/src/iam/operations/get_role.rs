//! `GetRole`: a role by its name.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::Role;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: Role,
}

impl Operation for GetRole {
    const NAME: &'static str = "GetRole";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let role = call.entity(Kind::Role, &input.role_name).await?;
        Ok(Output {
            role: Role::of(role, &call.aws.account.id),
        })
    }
}
