//! `ListModelPackages`: a page of a group's packages, or of those outside of groups.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::listing::Listing;
use crate::sagemaker::registry::{all_groups, find_group, of_group, summary, unversioned};
use serde::{Deserialize, Serialize};
use serde_json::Value;

const FURTHER: &[&str] = &[
    "ModelPackageDescription",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
];

pub(crate) struct ListModelPackages;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    model_package_group_name: Option<String>,
    #[serde(default)]
    model_approval_status: Option<String>,
    #[serde(default)]
    model_package_type: Option<String>,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    model_package_summary_list: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListModelPackages {
    const NAME: &'static str = "ListModelPackages";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut packages = Vec::new();
        match (
            &input.model_package_group_name,
            input.model_package_type.as_deref(),
        ) {
            (Some(name), _) => packages = of_group(call, &find_group(call, name).await?).await?,
            (None, kind) => {
                if matches!(kind, Some("Versioned" | "Both")) {
                    for group in all_groups(call).await? {
                        packages.extend(of_group(call, &group).await?);
                    }
                }
                if kind != Some("Versioned") {
                    packages.extend(unversioned(call).await?);
                }
            }
        }
        if let Some(wanted) = &input.model_approval_status {
            packages.retain(|package| package.approval() == Some(wanted));
        }
        let (page, next_token) = input.listing.oldest_first().pick(packages)?;
        let summaries = page.iter().map(|package| summary(call, package, FURTHER));
        Ok(Output {
            model_package_summary_list: summaries.collect(),
            next_token,
        })
    }
}
