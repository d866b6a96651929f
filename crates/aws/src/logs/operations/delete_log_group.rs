//! `DeleteLogGroup`: deletes a group with all that is in it.

use crate::fault::Fault;
use crate::logs::source::Source;
use crate::logs::{endpoints, own};
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;

pub(crate) struct DeleteLogGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: String,
}

impl Operation for DeleteLogGroup {
    const NAME: &'static str = "DeleteLogGroup";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        match Source::of(call, &input.log_group_name).await {
            Ok(Source::Endpoint(name)) => endpoints::forget(call, &name).await?,
            _ => own::delete_group(call, &input.log_group_name).await?,
        }
        Ok(Nothing {})
    }
}
