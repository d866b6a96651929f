//! Warm starts: what earlier tuning jobs saw is known from the beginning.

use super::find;
use crate::fault::Fault;
use crate::operation::Call;
use domain::tuning::{SeenPoint, Strategy, TuningSpec};
use serde::Deserialize;

/// Most parents; the service's own limit.
const MOST_PARENTS: usize = 5;

/// As the request has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Config {
    parent_hyper_parameter_tuning_jobs: Vec<Parent>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parent {
    hyper_parameter_tuning_job_name: String,
}

/// Takes what the parents saw into a search.
pub(crate) async fn start(
    call: &Call<'_>,
    config: &Config,
    spec: &mut TuningSpec,
) -> Result<(), Fault> {
    if !matches!(spec.strategy, Strategy::Bayesian | Strategy::Random) {
        return Err(Fault::validation(
            "WarmStartConfig can be given with the strategies Bayesian and Random only",
        ));
    }
    let parents = &config.parent_hyper_parameter_tuning_jobs;
    if parents.is_empty() || parents.len() > MOST_PARENTS {
        return Err(Fault::validation(format!(
            "WarmStartConfig must name 1 to {MOST_PARENTS} parents"
        )));
    }
    for parent in parents {
        let tuning = find(call, &parent.hyper_parameter_tuning_job_name).await?;
        if !tuning.phase.is_over() {
            return Err(Fault::validation(format!(
                "the parent tuning job {} has not ended",
                tuning.id
            )));
        }
        if tuning.spec.goal != spec.goal {
            return Err(Fault::validation(format!(
                "the parent tuning job {} has another objective type",
                tuning.id
            )));
        }
        spec.prior.extend(tuning.spec.prior);
        let seen = tuning.trials.into_iter().filter_map(|trial| {
            Some(SeenPoint {
                objective: trial.objective?,
                values: trial.values,
            })
        });
        spec.prior.extend(seen);
    }
    Ok(())
}
