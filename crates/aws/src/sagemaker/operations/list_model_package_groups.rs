//! `ListModelPackageGroups`: a page of the groups, the oldest first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::listing::Listing;
use crate::sagemaker::registry::{group, list_groups};
use serde::Serialize;
use serde_json::Value;

pub(crate) struct ListModelPackageGroups;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    model_package_group_summary_list: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListModelPackageGroups {
    const NAME: &'static str = "ListModelPackageGroups";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let (groups, next_token) = list_groups(call, input).await?;
        let summaries = groups.iter().map(|found| {
            let mut summary = group(call, found);
            if let Value::Object(members) = &mut summary {
                members.remove("CreatedBy");
            }
            summary
        });
        Ok(Output {
            model_package_group_summary_list: summaries.collect(),
            next_token,
        })
    }
}
