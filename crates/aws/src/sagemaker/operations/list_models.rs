//! `ListModels`: a page of them, the newest first unless asked otherwise.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::listing::{Listing, documents};
use crate::sagemaker::models::KIND;
use crate::time::Epoch;
use serde::Serialize;

pub(crate) struct ListModels;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    models: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Summary {
    model_name: String,
    model_arn: String,
    creation_time: Epoch,
}

impl Operation for ListModels {
    const NAME: &'static str = "ListModels";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let (found, next_token) = documents(call, KIND, &input).await?;
        let summaries = found.into_iter().map(|document| Summary {
            model_arn: call.arn("sagemaker", &format!("model/{}", document.id)),
            model_name: document.id,
            creation_time: Epoch(document.created),
        });
        Ok(Output {
            models: summaries.collect(),
            next_token,
        })
    }
}
