//! `ListUserTags`: the tags of a user.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::More;
use crate::iam::tags::{self, Tag};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListUserTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
    #[serde(flatten)]
    more: More,
}

impl Operation for ListUserTags {
    const NAME: &'static str = "ListUserTags";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let entity = call.entity(Kind::User, &input.user_name).await?;
        Ok(Output {
            tags: tags::written(&entity.tags),
            more: More::after(None),
        })
    }
}
