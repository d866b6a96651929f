//! `GetSessionToken`: keys for a while, with what the signer may do.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sts::{Credentials, seconds};
use http::StatusCode;
use serde::{Deserialize, Serialize};

pub(crate) struct GetSessionToken;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    duration_seconds: Option<String>,
    token_code: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    credentials: Credentials,
}

impl Operation for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        if input.token_code.is_some() {
            return Err(Fault::unsupported("there are no MFA devices here"));
        }
        if call.principal.access_key.starts_with("ASIA") {
            let text = "Cannot call GetSessionToken with session credentials";
            return Err(Fault::new("AccessDenied", text).with_status(StatusCode::FORBIDDEN));
        }
        let life = seconds(input.duration_seconds.as_deref(), 43_200, 900, 129_600)?;
        let (arn, user_id) = (&call.principal.arn, &call.principal.user_id);
        let credentials =
            Credentials::make(call, arn.clone(), user_id.clone(), life, Vec::new()).await?;
        Ok(Output { credentials })
    }
}
