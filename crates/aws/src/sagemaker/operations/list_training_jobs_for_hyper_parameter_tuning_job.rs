//! `ListTrainingJobsForHyperParameterTuningJob`: a search's trials.

use crate::fault::Fault;
use crate::operation::{Call, Operation};
use crate::sagemaker::listing::slice;
use crate::sagemaker::tuning::find;
use crate::sagemaker::tuning::view::{Summary, summary};
use domain::metric::Finite;
use domain::tuning::Trial;
use serde::{Deserialize, Serialize};

pub(crate) struct ListTrainingJobsForHyperParameterTuningJob;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Input {
    hyper_parameter_tuning_job_name: String,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    max_results: Option<u32>,
    #[serde(default)]
    status_equals: Option<String>,
    #[serde(default)]
    sort_by: Option<String>,
    #[serde(default)]
    sort_order: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    training_job_summaries: Vec<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListTrainingJobsForHyperParameterTuningJob {
    const NAME: &'static str = "ListTrainingJobsForHyperParameterTuningJob";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let tuning = find(call, &input.hyper_parameter_tuning_job_name).await?;
        let mut trials: Vec<&Trial> = tuning.trials.iter().collect();
        match input.sort_by.as_deref() {
            // What gave no objective comes last.
            Some("FinalObjectiveMetricValue") => {
                trials.retain(|trial| trial.objective.is_some());
                let value = |trial: &Trial| trial.objective.map_or(0.0, Finite::get);
                trials.sort_by(|a, b| value(a).total_cmp(&value(b)));
            }
            Some("Name") => trials.sort_by_key(|trial| trial.name.clone()),
            _ => {}
        }
        if input.sort_order.as_deref() != Some("Ascending") {
            trials.reverse();
        }
        let mut shown = Vec::new();
        for trial in trials {
            let one = summary(call, &tuning, trial).await?;
            let wanted = input.status_equals.as_deref();
            if wanted.is_none_or(|status| status == one.training_job_status) {
                shown.push(one);
            }
        }
        let (page, next_token) = slice(shown, input.next_token.as_deref(), input.max_results)?;
        Ok(Output {
            training_job_summaries: page,
            next_token,
        })
    }
}
