//! `CreateRole`: makes a role that whoever its trust policy names may assume.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::entity::Wanted;
use crate::iam::names::longest_session;
use crate::iam::policy;
use crate::iam::shown::Role;
use crate::iam::tags::{self, Tag};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct CreateRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    path: Option<String>,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    permissions_boundary: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    role: Role,
}

impl Operation for CreateRole {
    const NAME: &'static str = "CreateRole";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        policy::check_trust(&input.assume_role_policy_document)?;
        let wanted = Wanted {
            name: input.role_name,
            path: input.path,
            description: input.description,
            trust: Some(input.assume_role_policy_document),
            longest_session: longest_session(input.max_session_duration.as_deref())?,
            tags: tags::read(input.tags)?,
            boundary: input.permissions_boundary,
        };
        let made = call.make_entity(Kind::Role, wanted).await?;
        Ok(Output {
            role: Role::of(made, &call.aws.account.id),
        })
    }
}
