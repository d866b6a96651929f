//! `GetRole`: a role by its name.

use crate::fault::Fault;
use crate::iam::EXECUTION_ROLE;
use crate::operation::{Call, Operation};
use http::StatusCode;
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

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Role {
    path: String,
    role_name: String,
    role_id: String,
    arn: String,
    create_date: String,
}

impl Operation for GetRole {
    const NAME: &'static str = "GetRole";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        if input.role_name != EXECUTION_ROLE {
            let text = format!("The role with name {} cannot be found.", input.role_name);
            return Err(Fault::new("NoSuchEntity", text).with_status(StatusCode::NOT_FOUND));
        }
        let account = &call.aws.account.id;
        Ok(Output {
            role: Role {
                path: "/".to_owned(),
                role_id: "AROATRADEWINDEXECUTION".to_owned(),
                arn: format!("arn:aws:iam::{account}:role/{EXECUTION_ROLE}"),
                role_name: input.role_name,
                create_date: crate::time::iso(domain::Timestamp(0)),
            },
        })
    }
}
