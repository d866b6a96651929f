//! `GetCallerIdentity`: whose key signed.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct GetCallerIdentity;

#[derive(Debug, Deserialize)]
pub(crate) struct Input {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    arn: String,
    user_id: String,
    account: String,
}

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, _: Input) -> Result<Output, Fault> {
        Ok(Output {
            arn: call.principal.arn.clone(),
            user_id: call.principal.user_id.clone(),
            account: call.aws.account.id.clone(),
        })
    }
}
