//! Beginning a job step: its texts are evaluated, the cache is asked, else its job is made.

use super::cache::Remembered;
use super::draft::Draft;
use super::scope::{Evaluator, Unresolved};
use crate::jobs::{Place, transition};
use crate::rows::Stored;
use crate::transact::system_event;
use crate::{Control, Error};
use domain::job::{Entry, FailureKind, Job, JobSpec, Phase, StepOf};
use domain::pipeline::{Run, StepResult, StepState};
use domain::{JobId, StepPath, Timestamp};
use serde_json::json;

impl Control {
    pub(super) async fn begin_job(
        &self,
        run: &Run,
        path: &StepPath,
        template: &JobSpec,
        draft: &mut Draft,
    ) -> Result<StepState, Error> {
        let now = self.world.now();
        let spec = match resolve(run, path, template) {
            Ok(spec) => spec,
            Err(message) => return Ok(failed(message, now)),
        };
        if let Err(refusal) = crate::jobs::check(&spec) {
            return Ok(failed(refusal.to_string(), now));
        }
        let cache_key = self.cache_key(run, &spec).await;
        if let Some(key) = &cache_key
            && let Some(found) = self.remembered(&run.workspace, key).await?
        {
            let (result, job) = (found.result, Some(found.job));
            return Ok(StepState::Succeeded {
                result,
                job,
                cached: true,
                started: now,
                ended: now,
            });
        }
        let id = JobId::of_step(&run.id, path, run.resumed);
        let mut job = Job::new(id.clone(), run.workspace.clone(), spec, now);
        job.step = Some(StepOf {
            run: run.id.clone(),
            path: path.clone(),
        });
        draft.event(system_event(
            &job.key(),
            "created",
            json!({"run": run.id, "step": path}),
        ));
        self.place_drafted(&mut job, draft).await?;
        draft.put(job.row(Some(now))?, None);
        Ok(StepState::Running {
            job: Some(id),
            since: now,
            cache_key,
            generation: None,
        })
    }

    /// Gives a job its place and ticket in the commit that makes it, where a place is free: a commit
    /// less before it starts. Whatever speaks against it, the job's own reconciler finds out.
    async fn place_drafted(&self, job: &mut Job, draft: &mut Draft) -> Result<(), Error> {
        let Place::At(placement, plan) = self.place(job, draft.placed()).await? else {
            return Ok(());
        };
        if let Some(plan) = plan {
            draft.replace(plan.row(None)?);
        }
        let before = job.clone();
        let ticket = job.next_ticket();
        job.phase = Phase::Starting { ticket, placement };
        if let Some((action, detail)) = transition(&before, job) {
            draft.event(system_event(&job.key(), action, detail));
        }
        draft.place(job.clone());
        Ok(())
    }

    /// Drafts the rows of results that later runs may take.
    pub(super) fn remember(
        run: &Run,
        remember: Vec<(String, StepResult, JobId)>,
        draft: &mut Draft,
    ) -> Result<(), Error> {
        for (key, result, job) in remember {
            let workspace = run.workspace.clone();
            let remembered = Remembered {
                key,
                workspace,
                result,
                job,
            };
            // Two equal items of a loop give one result.
            if !draft.has(&remembered.key()) {
                draft.replace(remembered.row(None)?);
            }
        }
        Ok(())
    }
}

fn failed(message: String, now: Timestamp) -> StepState {
    super::settle::failed(FailureKind::Input, message, now)
}

/// The template with every expression evaluated.
fn resolve(run: &Run, path: &StepPath, template: &JobSpec) -> Result<JobSpec, Unresolved> {
    let evaluator = Evaluator::new(run, path);
    let mut spec = template.clone();
    planner::pipeline::inherit(&mut spec.policy, &run.spec.policy);
    for locations in spec.inputs.values_mut() {
        let mut all = Vec::new();
        for location in locations.iter() {
            all.extend(evaluator.texts(location)?);
        }
        *locations = all;
    }
    for value in spec
        .hyperparameters
        .values_mut()
        .chain(spec.env.values_mut())
    {
        *value = evaluator.text(value)?;
    }
    match &mut spec.entry {
        Entry::Script { arguments, .. } | Entry::Command { argv: arguments } => {
            for argument in arguments {
                *argument = evaluator.text(argument)?;
            }
        }
    }
    for (name, value) in &run.spec.tags {
        spec.tags
            .entry(name.clone())
            .or_insert_with(|| value.clone());
    }
    Ok(spec)
}
