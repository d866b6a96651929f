//! `ListInstanceProfilesForRole`: none, as there are no instance profiles; asked before a role is
//! deleted.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::More;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListInstanceProfilesForRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    instance_profiles: [(); 0],
    #[serde(flatten)]
    more: More,
}

impl Operation for ListInstanceProfilesForRole {
    const NAME: &'static str = "ListInstanceProfilesForRole";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        call.entity(Kind::Role, &input.role_name).await?;
        Ok(Output {
            instance_profiles: [],
            more: More::after(None),
        })
    }
}
