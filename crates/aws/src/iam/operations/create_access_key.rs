//! `CreateAccessKey`: makes a key of a user; its secret is answered only now.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct CreateAccessKey;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    access_key: Made,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Made {
    user_name: String,
    access_key_id: String,
    status: &'static str,
    secret_access_key: String,
    create_date: String,
}

impl Operation for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let user = call.user(input.user_name).await?;
        let key = call.make_key(&user).await?;
        Ok(Output {
            access_key: Made {
                user_name: user.name,
                access_key_id: key.id,
                status: "Active",
                secret_access_key: key.secret.reveal().to_owned(),
                create_date: crate::time::iso(call.aws.control.world.now()),
            },
        })
    }
}
