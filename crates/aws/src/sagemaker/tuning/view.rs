//! Searches and trials as SageMaker shows them.

use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::fault::fault;
use crate::sagemaker::jobs::status;
use crate::sagemaker::listing::Listed;
use crate::time::Epoch;
use domain::job::Job;
use domain::tuning::{Goal, Trial, TrialEnding, Tuning, TuningPhase};
use domain::{JobId, Refusal, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// A tuning job's status.
pub(crate) fn status_of(tuning: &Tuning) -> &'static str {
    match tuning.phase {
        TuningPhase::Running | TuningPhase::Finishing => "InProgress",
        TuningPhase::Stopping => "Stopping",
        TuningPhase::Succeeded => "Completed",
        TuningPhase::Failed => "Failed",
        TuningPhase::Stopped => "Stopped",
    }
}

/// How many trials stand how.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statuses {
    completed: u32,
    in_progress: u32,
    retryable_error: u32,
    non_retryable_error: u32,
    stopped: u32,
}

impl Statuses {
    pub(crate) fn of(tuning: &Tuning) -> Self {
        let mut all = Self::default();
        for trial in &tuning.trials {
            let counter = match trial.ending() {
                None => &mut all.in_progress,
                Some(TrialEnding::Completed) => &mut all.completed,
                Some(TrialEnding::Failed { .. }) => &mut all.non_retryable_error,
                Some(TrialEnding::StoppedEarly | TrialEnding::Stopped) => &mut all.stopped,
            };
            *counter += 1;
        }
        all
    }
}

/// How many trials gave an objective.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Objectives {
    succeeded: u32,
    pending: u32,
    failed: u32,
}

impl Objectives {
    pub(crate) fn of(tuning: &Tuning) -> Self {
        let mut all = Self::default();
        for trial in &tuning.trials {
            let counter = match objective_status(trial) {
                "Succeeded" => &mut all.succeeded,
                "Pending" => &mut all.pending,
                _ => &mut all.failed,
            };
            *counter += 1;
        }
        all
    }
}

fn objective_status(trial: &Trial) -> &'static str {
    match (trial.ending(), trial.objective) {
        (None, _) => "Pending",
        (Some(TrialEnding::Failed { .. }), _) | (_, None) => "Failed",
        (Some(_), Some(_)) => "Succeeded",
    }
}

/// `HyperParameterTrainingJobSummary`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    training_job_name: String,
    training_job_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tuning_job_name: Option<String>,
    creation_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    training_start_time: Option<Epoch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    training_end_time: Option<Epoch>,
    pub(crate) training_job_status: &'static str,
    tuned_hyper_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    final_hyper_parameter_tuning_job_objective_metric: Option<FinalMetric>,
    objective_status: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FinalMetric {
    #[serde(rename = "Type")]
    of: &'static str,
    metric_name: String,
    value: f64,
}

/// A trial with its training job; one that was deleted, or is not made yet, is shown without.
pub(crate) async fn summary(
    call: &Call<'_>,
    tuning: &Tuning,
    trial: &Trial,
) -> Result<Summary, Fault> {
    let id = JobId::new(trial.name.clone());
    let job: Option<Job> = match id {
        Ok(id) => match call.aws.control.job(&call.caller(), &id).await {
            Ok(job) => Some(job),
            Err(Refusal::NotFound { .. }) => None,
            Err(refusal) => return Err(fault(refusal)),
        },
        Err(_) => None,
    };
    let times = job.as_ref().map(status::times);
    let ended = match trial.ending() {
        None => None,
        Some(TrialEnding::Completed) => Some("Completed"),
        Some(TrialEnding::Failed { .. }) => Some("Failed"),
        Some(TrialEnding::StoppedEarly | TrialEnding::Stopped) => Some("Stopped"),
    };
    let live = job
        .as_ref()
        .map_or("InProgress", |job| status::of(job).status);
    let metric = trial.objective.map(|value| FinalMetric {
        of: match tuning.spec.goal {
            Goal::Maximize => "Maximize",
            Goal::Minimize => "Minimize",
        },
        metric_name: tuning.spec.metric.clone(),
        value: value.get(),
    });
    Ok(Summary {
        training_job_name: trial.name.clone(),
        training_job_arn: call.arn("sagemaker", &format!("training-job/{}", trial.name)),
        tuning_job_name: None,
        creation_time: Epoch(job.as_ref().map_or(trial.created, |job| job.created)),
        training_start_time: times.and_then(|times| times.started).map(Epoch),
        training_end_time: times.and_then(|times| times.ended).map(Epoch),
        training_job_status: ended.unwrap_or(live),
        tuned_hyper_parameters: trial.values.clone(),
        failure_reason: match trial.ending() {
            Some(TrialEnding::Failed { reason }) => Some(reason.chars().take(1_024).collect()),
            _ => None,
        },
        final_hyper_parameter_tuning_job_objective_metric: metric
            .filter(|_| trial.ending().is_some()),
        objective_status: objective_status(trial),
    })
}

/// A tuning job in a list.
pub(crate) struct View(pub(crate) Tuning);

impl Listed for View {
    fn name(&self) -> String {
        self.0.id.clone()
    }
    fn created(&self) -> Timestamp {
        self.0.created
    }
    fn modified(&self) -> Timestamp {
        self.0.modified
    }
    fn status(&self) -> String {
        status_of(&self.0).to_owned()
    }
}
