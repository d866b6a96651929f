//! `GetUser`: a user by its name, else the one that signed.

use crate::fault::Fault;
use crate::iam::shown::User;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user: User,
}

impl Operation for GetUser {
    const NAME: &'static str = "GetUser";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let user = call.user(input.user_name).await?;
        Ok(Output {
            user: User::of(user, &call.aws.account.id),
        })
    }
}
