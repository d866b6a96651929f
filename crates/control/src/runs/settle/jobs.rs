//! Steps whose jobs are over, and steps of a run that is stopping.

use super::Settled;
use domain::JobId;
use domain::job::{Job, Outcome};
use domain::pipeline::{Run, StepResult, StepState};
use std::collections::BTreeMap;

/// Reads off which running steps are over.
pub(super) fn finish_jobs(run: &mut Run, jobs: &BTreeMap<JobId, Job>, settled: &mut Settled) {
    for state in run.steps.values_mut() {
        let StepState::Running {
            job: Some(id),
            since,
            cache_key,
            ..
        } = state
        else {
            continue;
        };
        let Some(job) = jobs.get(id) else { continue };
        let Some(outcome) = job.phase.outcome() else {
            continue;
        };
        let ended = job
            .attempts
            .last()
            .map_or(*since, |attempt| attempt.exit.ended);
        *state = match outcome {
            Outcome::Stopped => StepState::Stopped {
                job: Some(id.clone()),
            },
            Outcome::Failed { failure } => StepState::Failed {
                failure: failure.clone(),
                job: Some(id.clone()),
                ended,
            },
            Outcome::Succeeded { artifacts } => {
                let result = StepResult {
                    model: artifacts.model.clone(),
                    outputs: artifacts.outputs.clone(),
                    metrics: job.metrics.clone(),
                    hashes: artifacts.hashes.clone(),
                    values: BTreeMap::new(),
                };
                if let Some(key) = cache_key.take() {
                    settled.remember.push((key, result.clone(), id.clone()));
                }
                let (job, started) = (Some(id.clone()), *since);
                StepState::Succeeded {
                    result,
                    job,
                    cached: false,
                    started,
                    ended,
                }
            }
        };
    }
}

/// Ends what has no job, and names the jobs that must be ended.
pub(super) fn stop(run: &mut Run, settled: &mut Settled) {
    for state in run.steps.values_mut() {
        match state {
            StepState::Running { job: Some(id), .. } => settled.stop.push(id.clone()),
            StepState::Waiting | StepState::Running { job: None, .. } => {
                *state = StepState::Stopped { job: None };
            }
            _ => {}
        }
    }
}
