//! STS: who a key is, and keys for a while.

mod operations;
mod policies;

use crate::credentials::{Holder, Session};
use crate::fault::Fault;
use crate::iam;
use crate::operation::Call;
use crate::service::{Protocol, Service};
use control::transact::hexadecimal;
use domain::Span;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The row of the service's table.
pub(crate) const SERVICE: Service = Service {
    signing_name: "sts",
    title: "STS",
    protocol: Protocol::Query {
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    },
    served: operations::SERVED,
    known: include_str!("known.txt"),
};

/// Temporary keys as they are answered.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

impl Credentials {
    /// Makes keys that end after so many seconds. They may do no more in the workspace than the
    /// key that asks.
    pub(crate) async fn make(
        call: &Call<'_>,
        arn: String,
        user_id: String,
        seconds: i64,
        policies: Vec<String>,
    ) -> Result<Self, Fault> {
        let token = call.aws.mixed(344);
        let expires = call.aws.control.world.now() + Span::seconds(seconds);
        let holder = Holder {
            arn,
            user_id,
            workspace: call.principal.workspace.clone(),
            role: call.principal.role,
            session: Some(Session {
                token_hash: hexadecimal(&Sha256::digest(token.as_bytes())),
                expires,
                policies,
            }),
            active: true,
        };
        let key = call.aws.make_access_key(&holder).await?;
        Ok(Self {
            access_key_id: key.id,
            secret_access_key: key.secret.reveal().to_owned(),
            session_token: token,
            expiration: crate::time::iso(expires),
        })
    }
}

/// How long keys shall live, in seconds.
pub(crate) fn seconds(text: Option<&str>, usual: i64, least: i64, most: i64) -> Result<i64, Fault> {
    let Some(text) = text else {
        return Ok(usual.min(most));
    };
    let number = text.parse().ok().filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| {
        let text = format!("The requested DurationSeconds must be from {least} to {most}");
        Fault::new("ValidationError", text)
    })
}

/// Checks a session's name, which becomes a part of an ARN.
pub(crate) fn session_name(name: &str) -> Result<(), Fault> {
    if name.len() >= 2 {
        return iam::check_name(name);
    }
    Err(Fault::new(
        "ValidationError",
        "RoleSessionName must have from 2 to 64 characters",
    ))
}
