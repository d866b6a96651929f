//! `TagRole`: adds tags to a role.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::tags::{self, Tag};
use crate::operation::{Call, Nothing, Operation};
use serde::Deserialize;

pub(crate) struct TagRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    tags: Vec<Tag>,
}

impl Operation for TagRole {
    const NAME: &'static str = "TagRole";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let added = tags::read(input.tags)?;
        call.change_entity(Kind::Role, &input.role_name, |entity| {
            entity.tags.extend(added.clone());
            tags::check(&entity.tags)
        })
        .await?;
        Ok(Nothing {})
    }
}
