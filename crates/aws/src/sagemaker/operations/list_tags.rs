//! `ListTags`: the tags of any resource, by its ARN.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::fault::fault;
use crate::sagemaker::tags::{self, Tag};
use serde::{Deserialize, Serialize};

pub(crate) struct ListTags;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    resource_arn: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    tags: Vec<Tag>,
}

impl Operation for ListTags {
    const NAME: &'static str = "ListTags";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let arn = tags::named(call, &input.resource_arn)?;
        let all = tags::of(call.aws, &call.caller(), arn)
            .await
            .map_err(fault)?;
        let tags = all
            .into_iter()
            .map(|(key, value)| Tag { key, value })
            .collect();
        Ok(Output { tags })
    }
}
