//! `UpdateFeatureGroup`: adds features, and changes how long records live.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::features::group::{self, GROUP};
use serde_json::{Value, json};

pub(crate) struct UpdateFeatureGroup;

impl Operation for UpdateFeatureGroup {
    const NAME: &'static str = "UpdateFeatureGroup";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "FeatureGroupName")?;
        let found = group::require(call, &name).await?;
        let mut request = found.entity.request.clone();
        if let Some(additions) = input.get("FeatureAdditions").and_then(Value::as_array)
            && let Some(Value::Array(features)) = request.get_mut("FeatureDefinitions")
        {
            features.extend(additions.iter().cloned());
        }
        if let Some(life) = input["OnlineStoreConfig"].get("TtlDuration") {
            request["OnlineStoreConfig"]["TtlDuration"] = life.clone();
        }
        if let Some(throughput) = input
            .get("ThroughputConfig")
            .filter(|value| !value.is_null())
        {
            request["ThroughputConfig"] = throughput.clone();
        }
        // The place of the offline store stays; only what was added is checked anew.
        let place = request["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"].clone();
        let mut request = group::prepared(call, request).await?;
        if !place.is_null() {
            request["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"] = place;
        }
        request["LastUpdateStatus"] = json!({"Status": "Successful"});
        let mut entity = found.entity;
        entities::update(call, &GROUP, &mut entity, &request).await
    }
}
