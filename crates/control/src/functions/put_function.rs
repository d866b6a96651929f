//! Makes a function or changes what `$LATEST` is.

use super::cron;
use super::rows::schedule_id;
use crate::rows::Stored;
use crate::transact::{Draft, event};
use crate::{Caller, Control, Error};
use contracts::store::{Commit, Expect, Key};
use domain::function::{Function, FunctionPhase, FunctionSchedule, FunctionSpec, TriggerKind};
use domain::{FunctionName, Refusal, Timestamp, Workspace};
use serde::Serialize;
use serde_json::json;

/// What must be there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// Anything: it is made or changed.
    Any,
    /// Nothing: it is made.
    Absent,
    /// The function: it is changed.
    Present,
}

impl Control {
    /// Makes a function or changes what `$LATEST` is; code and layers are copied under the hash of
    /// their content first.
    pub async fn put_function(
        &self,
        caller: &Caller,
        name: &FunctionName,
        spec: &FunctionSpec,
        presence: Presence,
    ) -> Result<Function, Refusal> {
        caller.may_edit()?;
        spec.check()
            .map_err(|invalid| Refusal::invalid(invalid.to_string()))?;
        let now = self.world.now();
        for trigger in &spec.triggers {
            if let TriggerKind::Schedule { schedule, .. } = &trigger.kind {
                cron::next(schedule, now)?;
            }
        }
        let mut frozen = spec.clone();
        frozen.code = self.freeze(&caller.workspace, &spec.code.location).await?;
        for layer in &mut frozen.layers {
            *layer = self.freeze(&caller.workspace, layer).await?.location;
        }
        let request = ("put-function", name, &frozen, presence);
        let frozen = &frozen;
        self.transact(caller, &request, || {
            Box::pin(self.draft(caller, name, frozen, presence))
        })
        .await
    }

    async fn draft(
        &self,
        caller: &Caller,
        name: &FunctionName,
        spec: &FunctionSpec,
        presence: Presence,
    ) -> Result<Draft<Function>, Error> {
        let key = Key::new(Function::KIND, &caller.workspace, name);
        let found = self.find::<Function>(&key).await?;
        let now = self.world.now();
        let (function, expect, action) = match (found, presence) {
            (Some(_), Presence::Absent) => {
                return Err(Refusal::AlreadyExists {
                    kind: Function::KIND.to_owned(),
                    name: name.to_string(),
                }
                .into());
            }
            (None, Presence::Present) => {
                return Err(Refusal::not_found(Function::KIND, name).into());
            }
            (None, _) => {
                let function = made(&caller.workspace, name, spec, now);
                (function, Expect::Absent(key.clone()), "created")
            }
            (Some((function, row)), _) => {
                if function.spec == *spec && !matches!(function.phase, FunctionPhase::Failed { .. })
                {
                    return Ok(Draft {
                        commit: Commit::default(),
                        answer: function,
                    });
                }
                let expect = Expect::Revision(key.clone(), row.revision);
                (changed(function, spec, now), expect, "updated")
            }
        };
        let mut commit = Commit {
            expect: vec![expect],
            put: vec![function.row(Some(now))?],
            events: vec![event(
                caller,
                &key,
                action,
                json!({"generation": function.generation}),
            )],
            ..Commit::default()
        };
        self.arrange_schedules(&function, &mut commit, now).await?;
        Ok(Draft {
            commit,
            answer: function,
        })
    }

    /// Adds to a commit what makes the schedules of a function be those of its spec. One that stays
    /// the same goes on as it was.
    async fn arrange_schedules(
        &self,
        function: &Function,
        commit: &mut Commit,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut stale = self
            .schedules_of(&function.workspace, &function.name)
            .await?;
        for trigger in &function.spec.triggers {
            let TriggerKind::Schedule {
                schedule,
                input,
                enabled: true,
            } = &trigger.kind
            else {
                continue;
            };
            let id = schedule_id(&function.name, &trigger.name);
            let before = stale.iter().position(|one| one.row_id() == id);
            let before = before.map(|position| stale.swap_remove(position));
            if before.is_some_and(|one| one.schedule == *schedule && one.input == *input) {
                continue;
            }
            let Some(next) = cron::next(schedule, now)? else {
                continue;
            };
            let row = FunctionSchedule {
                function: function.name.clone(),
                workspace: function.workspace.clone(),
                trigger: trigger.name.clone(),
                schedule: schedule.clone(),
                input: input.clone(),
                next,
            };
            commit.put.push(row.row(Some(next))?);
        }
        commit.delete.extend(stale.iter().map(Stored::key));
        Ok(())
    }
}

fn made(
    workspace: &Workspace,
    name: &FunctionName,
    spec: &FunctionSpec,
    now: Timestamp,
) -> Function {
    Function {
        name: name.clone(),
        workspace: workspace.clone(),
        spec: spec.clone(),
        generation: 1,
        last_version: 0,
        phase: FunctionPhase::Pending,
        warnings: Vec::new(),
        trouble: None,
        created: now,
        updated: now,
    }
}

/// The function with a new spec; it need not be made ready again when its instances stay the same.
fn changed(mut function: Function, spec: &FunctionSpec, now: Timestamp) -> Function {
    let stays = function.phase == FunctionPhase::Active && function.spec.same_instances(spec);
    if !stays {
        function.phase = FunctionPhase::Pending;
    }
    function.spec = spec.clone();
    function.generation += 1;
    function.updated = now;
    function
}
