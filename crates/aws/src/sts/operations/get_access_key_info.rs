//! `GetAccessKeyInfo`: the account that a key belongs to.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use http::StatusCode;
use serde::{Deserialize, Serialize};

pub(crate) struct GetAccessKeyInfo;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    access_key_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    account: String,
}

impl Operation for GetAccessKeyInfo {
    const NAME: &'static str = "GetAccessKeyInfo";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let found = call.aws.access_key(&input.access_key_id).await?;
        match found {
            Some(_) => Ok(Output {
                account: call.aws.account.id.clone(),
            }),
            None => Err(
                Fault::new("InvalidClientTokenId", "the access key is unknown")
                    .with_status(StatusCode::FORBIDDEN),
            ),
        }
    }
}
