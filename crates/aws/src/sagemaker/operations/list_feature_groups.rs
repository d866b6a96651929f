//! `ListFeatureGroups`: a page of the feature groups, the newest first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::features::group::{self, GROUP};
use crate::sagemaker::listing::Listing;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct ListFeatureGroups;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    feature_group_status_equals: Option<String>,
    #[serde(default)]
    offline_store_status_equals: Option<String>,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    feature_group_summaries: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListFeatureGroups {
    const NAME: &'static str = "ListFeatureGroups";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut groups = group::all(call).await?;
        if input
            .feature_group_status_equals
            .is_some_and(|status| status != "Created")
        {
            groups.clear();
        }
        if let Some(status) = input.offline_store_status_equals {
            groups.retain(|one| status == "Active" && one.definition.offline.is_some());
        }
        let entities = groups.iter().map(|one| one.entity.clone()).collect();
        let (page, next_token) = input.listing.pick(entities)?;
        let summaries = page.iter().map(|one| {
            let mut summary = one.summary(call, &GROUP, &[]);
            if let Value::Object(members) = &mut summary {
                members.remove("LastModifiedTime");
            }
            summary["FeatureGroupStatus"] = json!("Created");
            if one.request.get("OfflineStoreConfig").is_some() {
                summary["OfflineStoreStatus"] = json!({"Status": "Active"});
            }
            summary
        });
        Ok(Output {
            feature_group_summaries: summaries.collect(),
            next_token,
        })
    }
}
