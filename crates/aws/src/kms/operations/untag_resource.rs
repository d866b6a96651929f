//! `UntagResource`: takes tags from a key.

use crate::fault::Fault;
use crate::kms::keys::find;
use crate::kms::operations::tag_resource::{of, put};
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use serde::Deserialize;

pub(crate) struct UntagResource;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    key_id: String,
    #[serde(default)]
    tag_keys: Vec<String>,
}

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    type Input = Input;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Input) -> Result<Nothing, Fault> {
        let key = find(call, &input.key_id)?;
        let mut all = of(call, &key.id).await?;
        all.retain(|name, _| !input.tag_keys.contains(name));
        put(call, &key.id, &all).await?;
        Ok(Nothing {})
    }
}
