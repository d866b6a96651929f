//! `UpdateRole`: changes the description and the longest session of a role.

use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::names::longest_session;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct UpdateRole;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<String>,
}

/// The model has a result without members here, and other operations have no result.
#[derive(Debug, Serialize)]
pub(crate) struct Output {
    nothing: Option<()>,
}

impl Operation for UpdateRole {
    const NAME: &'static str = "UpdateRole";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let longest = match input.max_session_duration.as_deref() {
            Some(text) => Some(longest_session(Some(text))?),
            None => None,
        };
        call.change_entity(Kind::Role, &input.role_name, |role| {
            if input.description.is_some() {
                role.description.clone_from(&input.description);
            }
            role.longest_session = longest.unwrap_or(role.longest_session);
            Ok(())
        })
        .await?;
        Ok(Output { nothing: None })
    }
}
