//! `UpdateAlias`: points a name at another key.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::find;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;

pub(crate) struct UpdateAlias;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    alias_name: String,
    target_key_id: String,
}

impl Operation for UpdateAlias {
    const NAME: &'static str = "UpdateAlias";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        find(call, &input.alias_name)?;
        let key = find(call, &input.target_key_id)?;
        call.aws
            .objects
            .keys()
            .set_alias(&input.alias_name, &key.id)
            .map_err(fault)?;
        Ok(Nothing {})
    }
}
