//! `ListAccessKeys`: the keys of a user, without their secrets.

use crate::credentials::Listed;
use crate::fault::Fault;
use crate::iam::Kind;
use crate::iam::shown::More;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

pub(crate) struct ListAccessKeys;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    user_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    access_key_metadata: Vec<Key>,
    #[serde(flatten)]
    more: More,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Key {
    user_name: String,
    access_key_id: String,
    status: &'static str,
    create_date: String,
}

impl Operation for ListAccessKeys {
    const NAME: &'static str = "ListAccessKeys";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let user = call.user(input.user_name).await?;
        let arn = user.arn(Kind::User, &call.aws.account.id);
        let keys = call
            .aws
            .access_keys(&arn, &call.principal.workspace)
            .await?;
        let key = |key: Listed| Key {
            user_name: user.name.clone(),
            access_key_id: key.id,
            status: if key.holder.active {
                "Active"
            } else {
                "Inactive"
            },
            create_date: crate::time::iso(key.created),
        };
        Ok(Output {
            access_key_metadata: keys.into_iter().map(key).collect(),
            more: More::after(None),
        })
    }
}
