//! What callers ask of runs.

use crate::plans::RunPlan;
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control};
use contracts::spending::Proposal;
use contracts::store::{Commit, Expect, Key, Query};
use domain::job::Job;
use domain::pipeline::{PipelineSpec, Run, RunPhase, StepAction, StepState};
use domain::{Refusal, RunId, StepPath};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// A run to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NewRun {
    /// What is executed.
    pub spec: PipelineSpec,
}

/// Most steps of a pipeline.
const MOST_STEPS: usize = 10_000;

impl Control {
    /// Makes a run; it begins at once.
    pub async fn submit_run(&self, caller: &Caller, new: &NewRun) -> Result<Run, Refusal> {
        caller.may_edit()?;
        new.spec
            .check()
            .map_err(|e| Refusal::invalid(e.to_string()))?;
        if new.spec.steps.len() > MOST_STEPS {
            return Err(Refusal::invalid(format!(
                "a pipeline has at most {MOST_STEPS} steps"
            )));
        }
        for step in &new.spec.steps {
            if let StepAction::Job { job } = &step.action {
                crate::jobs::check(job)?;
            }
        }
        let proposal = Proposal::run(&caller.workspace, &new.spec);
        self.spending.allow(&proposal).await?;
        let id = RunId::new(self.world.fresh_id("run"));
        let id = id.map_err(|e| Refusal::internal(e.to_string()))?;
        let plan = self.plan_run(&caller.workspace, &new.spec, &id).await;
        let plan = &plan;
        self.transact(caller, new, || {
            Box::pin(async {
                let now = self.world.now();
                let waiting =
                    |name: &domain::Name| (StepPath::step(name.clone()), StepState::Waiting);
                let run = Run {
                    id: id.clone(),
                    workspace: caller.workspace.clone(),
                    spec: Arc::new(new.spec.clone()),
                    created: now,
                    ended: None,
                    phase: RunPhase::Running,
                    steps: new
                        .spec
                        .steps
                        .iter()
                        .map(|step| waiting(&step.name))
                        .collect(),
                    items: std::collections::BTreeMap::new(),
                    resumed: 0,
                };
                let key = run.key();
                let mut put = self.run_rows(&run, Some(now))?.put;
                let mut detail = json!({"pipeline": run.spec.name});
                if let Some(plan) = plan {
                    put.push(plan.row(None)?);
                    detail["plan"] = json!(plan.kept.hash);
                }
                let commit = Commit {
                    expect: vec![Expect::Absent(key.clone())],
                    put,
                    events: vec![event(caller, &key, "created", detail)],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: run,
                })
            })
        })
        .await
    }

    /// Asks a run to stop: nothing new is begun, its jobs are stopped.
    pub async fn stop_run(&self, caller: &Caller, id: &RunId) -> Result<Run, Refusal> {
        self.change_run(caller, id, "stop-requested", |run| {
            if run.phase == RunPhase::Running {
                run.phase = RunPhase::Stopping;
            }
            Ok(())
        })
        .await
    }

    /// Goes on with a run that failed or was stopped: what succeeded stays, the rest is done
    /// again.
    pub async fn resume_run(&self, caller: &Caller, id: &RunId) -> Result<Run, Refusal> {
        self.change_run(caller, id, "resumed", |run| {
            if !matches!(run.phase, RunPhase::Failed | RunPhase::Stopped) {
                let word = run.phase.word();
                return Err(Refusal::conflict(format!(
                    "run `{}` is {word}; only a failed or stopped one can be resumed",
                    run.id
                )));
            }
            for state in run.steps.values_mut() {
                if !matches!(state, StepState::Succeeded { .. }) {
                    *state = StepState::Waiting;
                }
            }
            run.phase = RunPhase::Running;
            run.ended = None;
            run.resumed += 1;
            Ok(())
        })
        .await
    }

    async fn change_run(
        &self,
        caller: &Caller,
        id: &RunId,
        action: &str,
        change: impl Fn(&mut Run) -> Result<(), Refusal> + Send + Sync,
    ) -> Result<Run, Refusal> {
        caller.may_edit()?;
        let key = Key::new(Run::KIND, &caller.workspace, id);
        self.transact(caller, &(action, id), || {
            Box::pin(async {
                let before = self.require_run(&caller.workspace, id).await?;
                let mut run = (*before.run).clone();
                change(&mut run)?;
                if run == *before.run {
                    return Ok(Draft {
                        commit: Commit::default(),
                        answer: run,
                    });
                }
                let rows = self.changed_run_rows(&before, &run, Some(self.world.now()))?;
                let commit = Commit {
                    expect: vec![Expect::Revision(key.clone(), before.revision)],
                    put: rows.put,
                    delete: rows.delete,
                    events: vec![event(caller, &key, action, json!({}))],
                    ..Commit::default()
                };
                Ok(Draft {
                    commit,
                    answer: run,
                })
            })
        })
        .await
    }

    /// Forgets a run that is over, with its jobs. Models and artifacts stay.
    pub async fn delete_run(&self, caller: &Caller, id: &RunId) -> Result<(), Refusal> {
        caller.may_edit()?;
        let key = Key::new(Run::KIND, &caller.workspace, id);
        let run = self.require_run(&caller.workspace, id).await?.run;
        if !run.phase.is_over() {
            let word = run.phase.word();
            return Err(Refusal::conflict(format!(
                "run `{id}` is {word}; stop it first"
            )));
        }
        let query = Query {
            kind: Job::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            parent: Some(id.to_string()),
            limit: 1_000,
            ..Query::default()
        };
        loop {
            let page = self.store.list(&query).await.map_err(crate::Error::from)?;
            if page.rows.is_empty() {
                break;
            }
            for row in page.rows {
                let job: Job = crate::rows::read(&row)?;
                let caller = Caller {
                    token: None,
                    ..caller.clone()
                };
                self.delete_job(&caller, &job.id).await?;
            }
        }
        self.transact(caller, &("delete-run", id), || {
            Box::pin(async {
                let plan = Key::new(RunPlan::KIND, &caller.workspace, id);
                let mut delete = vec![key.clone()];
                if self.find::<RunPlan>(&plan).await?.is_some() {
                    delete.push(plan);
                }
                let commit = Commit {
                    delete,
                    events: vec![event(caller, &key, "deleted", json!({}))],
                    ..Commit::default()
                };
                Ok(Draft { commit, answer: () })
            })
        })
        .await
    }
}
