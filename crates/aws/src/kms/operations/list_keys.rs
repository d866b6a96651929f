//! `ListKeys`: a page of the keys, the oldest first.

use crate::fault::Fault;
use crate::kms::fault::fault;
use crate::kms::keys::{arn, page};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct ListKeys;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    marker: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

impl Operation for ListKeys {
    const NAME: &'static str = "ListKeys";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let all = call.aws.objects.keys().keys().map_err(fault)?;
        let (page, next) = page(all, input.marker.as_deref(), input.limit)?;
        let keys = page
            .iter()
            .map(|key| json!({"KeyId": key.id, "KeyArn": arn(call, &key.id)}));
        let keys: Vec<Value> = keys.collect();
        let mut answer = json!({"Keys": keys, "Truncated": next.is_some()});
        if let Some(next) = next {
            answer["NextMarker"] = json!(next);
        }
        Ok(answer)
    }
}
