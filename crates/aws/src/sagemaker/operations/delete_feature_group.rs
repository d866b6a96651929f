//! `DeleteFeatureGroup`: deletes a group with its online store; what is in the bucket stays.

use crate::fault::Fault;
use crate::operation::Nothing;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities;
use crate::sagemaker::features::group::{self, GROUP};
use crate::sagemaker::features::online;
use serde_json::Value;

pub(crate) struct DeleteFeatureGroup;

impl Operation for DeleteFeatureGroup {
    const NAME: &'static str = "DeleteFeatureGroup";
    type Input = Value;
    type Output = Nothing;

    async fn run(call: &Call<'_>, input: Value) -> Result<Nothing, Fault> {
        let name = entities::member(&input, "FeatureGroupName")?;
        let found = group::require(call, &name).await?;
        entities::delete(call, &GROUP, &found.entity.id).await?;
        online::forget(call, &found).await?;
        Ok(Nothing {})
    }
}
