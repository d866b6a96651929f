//! `CreateFeatureGroup`: makes a feature group with an online store, an offline store or both.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, New};
use crate::sagemaker::features::group::{self, GROUP};
use crate::sagemaker::reach::Reach;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) struct CreateFeatureGroup;

impl Operation for CreateFeatureGroup {
    const NAME: &'static str = "CreateFeatureGroup";
    type Input = Value;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Value) -> Result<Value, Fault> {
        let name = entities::member(&input, "FeatureGroupName")?;
        let request = group::prepared(call, input).await?;
        let store = &request["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"];
        if let Some(store) = store.as_str() {
            let reach = Reach::of(call, request["RoleArn"].as_str()).await?;
            reach.write(store).await?;
        }
        if group::find(call, &name).await?.is_some() {
            return Err(Fault::new(
                "ResourceInUse",
                format!("Resource Already Exists: FeatureGroup with name {name} already exists."),
            ));
        }
        let new = New {
            kind: &GROUP,
            id: &name,
            parent: None,
            labels: BTreeMap::new(),
            request,
        };
        entities::create(call, new).await
    }
}
