//! `DeleteAlias`: takes a name away; the key stays.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;

pub(crate) struct DeleteAlias;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    alias_name: String,
}

impl Operation for DeleteAlias {
    const NAME: &'static str = "DeleteAlias";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        call.aws
            .objects
            .keys()
            .remove_alias(&input.alias_name)
            .map_err(fault)?;
        Ok(Nothing {})
    }
}
