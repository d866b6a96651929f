//! `DeleteRecord`: a record is gone from the online store, with a trace of its time or without;
//! the offline store keeps that it was deleted.

use super::wire::{self, Query};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::features::offline;
use crate::sagemaker::features::online::{self, Kept};
use crate::sagemaker::features::record::{FeatureValue, event, wrong};
use serde_json::Value;

pub(super) async fn answer(call: &Call<'_>, name: &str, query: &Query) -> Result<Value, Fault> {
    let group = wire::group(call, name).await?;
    let targets = query.all("TargetStores");
    wire::check_targets(&group, &targets)?;
    let identifier = query.require("RecordIdentifierValueAsString")?.to_owned();
    let time = query.require("EventTime")?;
    let at = event(&group, time)?;
    let hard = match query.get("DeletionMode") {
        None | Some("SoftDelete") => false,
        Some("HardDelete") => true,
        Some(_) => return Err(wrong("Validation Error: the DeletionMode is not known")),
    };
    if wire::targets(&targets, "OfflineStore") {
        let definition = &group.definition;
        let value = |name: &str, text: &str| FeatureValue {
            name: name.to_owned(),
            text: Some(text.to_owned()),
            list: None,
        };
        let record = vec![
            value(&definition.record_identifier_feature_name, &identifier),
            value(&definition.event_time_feature_name, time),
        ];
        offline::append(call, &group, record, at, true).await?;
    }
    if group.is_online() && wire::targets(&targets, "OnlineStore") {
        if hard {
            online::remove(call, &group, &identifier, at).await?;
        } else {
            let kept = Kept {
                identifier,
                event: at,
                record: Vec::new(),
                expires: None,
            };
            online::put(call, &group, &kept).await?;
        }
    }
    Ok(Value::Null)
}
