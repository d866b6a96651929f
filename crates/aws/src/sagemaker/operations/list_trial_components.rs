//! `ListTrialComponents`: a page of components: all, those of an experiment, a trial or a job.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::entities::{self, COMPONENT, EXPERIMENT, TRIAL};
use crate::sagemaker::experiments::{components, trials};
use crate::sagemaker::listing::Listing;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) struct ListTrialComponents;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    #[serde(default)]
    experiment_name: Option<String>,
    #[serde(default)]
    trial_name: Option<String>,
    #[serde(default)]
    source_arn: Option<String>,
    #[serde(flatten)]
    listing: Listing,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    trial_component_summaries: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

const MEMBERS: &[&str] = &[
    "DisplayName",
    "Status",
    "StartTime",
    "EndTime",
    "CreatedBy",
    "LastModifiedBy",
];

impl Operation for ListTrialComponents {
    const NAME: &'static str = "ListTrialComponents";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let mut found = components::all(call).await?;
        if let Some(name) = &input.trial_name {
            let trial = entities::require(call, &TRIAL, name).await?;
            let of_it = trials::components(call, &trial.id).await?;
            found.retain(|component| of_it.contains(&component.id));
        }
        if let Some(name) = &input.experiment_name {
            let experiment = entities::require(call, &EXPERIMENT, name).await?;
            let mut of_it = std::collections::BTreeSet::new();
            for trial in trials::of_experiment(call, &experiment.id).await? {
                of_it.extend(trials::components(call, &trial.id).await?);
            }
            found.retain(|component| of_it.contains(&component.id));
        }
        if let Some(arn) = &input.source_arn {
            found.retain(|component| component.request["Source"]["SourceArn"] == json!(arn));
        }
        let (page, next_token) = input.listing.pick(found)?;
        let summaries = page.iter().map(|one| {
            let mut summary = one.summary(call, &COMPONENT, MEMBERS);
            if let Some(source) = one.request.get("Source") {
                summary["TrialComponentSource"] = source.clone();
            }
            summary
        });
        Ok(Output {
            trial_component_summaries: summaries.collect(),
            next_token,
        })
    }
}
