//! `PutRecord`: a record goes to both stores; an older one than is there stays out of the online
//! store.

use super::wire;
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::features::moment::Life;
use crate::sagemaker::features::offline;
use crate::sagemaker::features::online::{self, Kept};
use crate::sagemaker::features::record::{FeatureValue, check, wrong};
use serde::Deserialize;
use serde_json::Value;

/// Most bytes of a record.
const LARGEST: usize = 350 << 10;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request {
    record: Vec<FeatureValue>,
    #[serde(default)]
    target_stores: Vec<String>,
    #[serde(default, rename = "TtlDuration")]
    life: Option<Life>,
}

pub(super) async fn answer(call: &Call<'_>, name: &str, request: Request) -> Result<Value, Fault> {
    let group = wire::group(call, name).await?;
    wire::check_targets(&group, &request.target_stores)?;
    let head = check(&group, &request.record)?;
    let texts = request
        .record
        .iter()
        .filter_map(|value| value.text.as_ref());
    if texts.map(String::len).sum::<usize>() > LARGEST {
        return Err(wrong("Validation Error: the record is larger than 350 KiB"));
    }
    let own = group
        .definition
        .online
        .as_ref()
        .and_then(|online| online.life.as_ref());
    let life = request.life.as_ref().or(own);
    let expires = life.map(|life| life.after(head.event)).transpose()?;
    // The offline store first: what can be read back is in the history, too.
    if wire::targets(&request.target_stores, "OfflineStore") {
        offline::append(call, &group, request.record.clone(), head.event, false).await?;
    }
    if group.is_online() && wire::targets(&request.target_stores, "OnlineStore") {
        let kept = Kept {
            identifier: head.identifier,
            event: head.event,
            record: request.record,
            expires,
        };
        online::put(call, &group, &kept).await?;
    }
    Ok(Value::Null)
}
