//! `GetRecord`: the newest record of an identifier; none is an empty answer.

use super::wire::{self, Query};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::features::record::wrong;
use crate::sagemaker::features::{group, online};
use serde_json::{Value, json};

pub(super) async fn answer(call: &Call<'_>, name: &str, query: &Query) -> Result<Value, Fault> {
    let group = group::require(call, name).await?;
    if !group.is_online() {
        return Err(wrong(format!(
            "Validation Error: the feature group {} has no online store",
            group.entity.id
        )));
    }
    let identifier = query.require("RecordIdentifierValueAsString")?;
    let Some(kept) = online::get(call, &group, identifier).await? else {
        return Ok(json!({}));
    };
    let record = wire::chosen(&group, &kept, &query.all("FeatureName"))?;
    if record.is_empty() {
        return Ok(json!({}));
    }
    let asked = query.get("ExpirationTimeResponse") == Some("Enabled");
    Ok(wire::with_expiry(json!({"Record": record}), &kept, asked))
}
