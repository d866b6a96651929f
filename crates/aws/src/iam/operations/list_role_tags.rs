//! `ListRoleTags`: the tags of a role.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::More;
use crate::iam::tags::{self, Tag};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListRoleTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListRoleTags {
    const NAME: &'static str = "ListRoleTags";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let entity = call.entity(Kind::Role, &input.role_name).await?;
        Ok(Output {
            tags: tags::written(&entity.tags),
            more: More::after(None),
        })
    }
}
