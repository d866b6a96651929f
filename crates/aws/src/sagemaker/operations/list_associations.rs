//! `ListAssociations`: a page of associations, by their ends and types.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::lineage::associations;
use crate::sagemaker::listing::Listing;
use crate::time::Epoch;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct ListAssociations;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    source_arn: Option<String>,
    #[serde(default)]
    destination_arn: Option<String>,
    #[serde(default)]
    source_type: Option<String>,
    #[serde(default)]
    destination_type: Option<String>,
    #[serde(default)]
    association_type: Option<String>,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    association_summaries: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListAssociations {
    const NAME: &'static str = "ListAssociations";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let (source, destination) = (
            input.source_arn.as_deref(),
            input.destination_arn.as_deref(),
        );
        let mut found = associations::all(call, source, destination).await?;
        if let Some(kind) = &input.association_type {
            found.retain(|(edge, _)| edge.kind.as_ref() == Some(kind));
        }
        let documents = found.into_iter().map(|(_, document)| document).collect();
        let (page, next_token) = input.listing.pick(documents)?;
        let mut association_summaries = Vec::new();
        for document in page {
            let mut summary = document.body;
            summary["CreationTime"] = json!(Epoch(document.created));
            let mut fits = true;
            for (end, wanted) in [
                ("Source", &input.source_type),
                ("Destination", &input.destination_type),
            ] {
                let arn = summary[format!("{end}Arn")].as_str().unwrap_or_default();
                let found = associations::end(call, arn).await?;
                let kind = found.as_ref().and_then(|end| end.type_of());
                fits &= wanted.as_ref().is_none_or(|wanted| kind == Some(wanted));
                if let Some(kind) = kind {
                    summary[format!("{end}Type")] = json!(kind);
                }
                if let Some(name) = found.as_ref().and_then(|end| end.name()) {
                    summary[format!("{end}Name")] = json!(name);
                }
            }
            if fits {
                association_summaries.push(summary);
            }
        }
        Ok(Output {
            association_summaries,
            next_token,
        })
    }
}
