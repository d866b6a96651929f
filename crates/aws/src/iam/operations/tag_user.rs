//! `TagUser`: adds tags to a user.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::tags::{self, Tag};
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct TagUser;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
    tags: Vec<Tag>,
}

impl Operation for TagUser {
    const NAME: &'static str = "TagUser";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let added = tags::read(input.tags)?;
        call.change_entity(Kind::User, &input.user_name, |entity| {
            entity.tags.extend(added.clone());
            tags::check(&entity.tags)
        })
        .await?;
        Ok(Nothing {})
    }
}
