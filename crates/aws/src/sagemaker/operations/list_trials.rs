//! `ListTrials`: a page of trials: all, those of an experiment, those that have a component.

use crate::fault::Fault;
use crate::kept::Which;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, EXPERIMENT, TRIAL};
use crate::sagemaker::experiments::{components, trials};
use crate::sagemaker::listing::Listing;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) struct ListTrials;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    experiment_name: Option<String>,
    #[serde(default)]
    trial_component_name: Option<String>,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    trial_summaries: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListTrials {
    const NAME: &'static str = "ListTrials";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut found = match &input.experiment_name {
            Some(name) => {
                let experiment = entities::require(call, &EXPERIMENT, name).await?;
                trials::of_experiment(call, &experiment.id).await?
            }
            None => entities::all(call, &TRIAL, &Which::default()).await?,
        };
        if let Some(name) = &input.trial_component_name {
            let component = components::require(call, name).await?;
            let of_it = trials::trials(call, &component.id).await?;
            found.retain(|trial| of_it.contains(&trial.id));
        }
        let (page, next_token) = input.listing.pick(found)?;
        let summaries = page
            .iter()
            .map(|one| one.summary(call, &TRIAL, &["DisplayName"]));
        Ok(Output {
            trial_summaries: summaries.collect(),
            next_token,
        })
    }
}
