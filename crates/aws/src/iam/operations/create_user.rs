//! `CreateUser`: makes a user.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::entity::Wanted;
use crate::iam::shown::User;
use crate::iam::tags::{self, Tag};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct CreateUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
    path: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    permissions_boundary: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    user: User,
}

impl Operation for CreateUser {
    const NAME: &'static str = "CreateUser";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let wanted = Wanted {
            name: input.user_name,
            path: input.path,
            description: None,
            trust: None,
            longest_session: 0,
            tags: tags::read(input.tags)?,
            boundary: input.permissions_boundary,
        };
        let made = call.make_entity(Kind::User, wanted).await?;
        Ok(Output {
            user: User::of(made, &call.aws.account.id),
        })
    }
}
