//! `DeleteLogStream`: deletes a stream with its events.

use crate::fault::Fault;
use crate::logs::own;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;

pub(crate) struct DeleteLogStream;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: String,
    log_stream_name: String,
}

impl Operation for DeleteLogStream {
    const NAME: &'static str = "DeleteLogStream";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        own::delete_stream(call, &input.log_group_name, &input.log_stream_name).await?;
        Ok(Nothing {})
    }
}
