//! `ListExperiments`: a page of the experiments, the newest first unless asked otherwise.

use crate::fault::Fault;
use crate::kept::Which;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, EXPERIMENT};
use crate::sagemaker::listing::Listing;
use serde::Serialize;
use serde_json::Value;

pub(crate) struct ListExperiments;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    experiment_summaries: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListExperiments {
    const NAME: &'static str = "ListExperiments";
    type Input = Listing;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Listing) -> Result<Output, Fault> {
        let (page, next_token) =
            entities::list(call, &EXPERIMENT, &Which::default(), &input).await?;
        let members = ["DisplayName"];
        let summaries = page
            .iter()
            .map(|one| one.summary(call, &EXPERIMENT, &members));
        Ok(Output {
            experiment_summaries: summaries.collect(),
            next_token,
        })
    }
}
