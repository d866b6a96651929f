//! Makes asynchronous calls: claims what is due, writes down that the call begins, makes it, and
//! writes down what came of it. A call that a dead server began is made again when its time is
//! over, as AWS Lambda promises: at least once.

mod decide;
mod record;

use super::arn;
use crate::rows::{Stored, read};
use crate::transact::system_event;
use crate::{Control, Error};
use contracts::functions::{FunctionAnswer, FunctionCall, FunctionInput, FunctionTarget};
use contracts::objects::ObjectError;
use contracts::store::{Claim, Commit, Expect, Key, Row, StoreError};
use decide::{Came, Next, decide};
use domain::function::{Destination, EventPhase, Function, FunctionEvent, Qualifier, Retries};
use domain::{Refusal, Span};
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Calls that one server makes at once.
const AT_ONCE: usize = 64;
/// What a call may take beyond its function's limit: making the function ready, for example.
const EXTRA: Span = Span::minutes(5);

/// What a record's call adds to the id of the call that it is of.
const HOP: &str = ".d";
/// Records of records that are sent on: functions that are each other's destination would go on
/// for ever (AWS Lambda stops such loops at 16).
const MOST_HOPS: usize = 16;

/// How many records of records a call is away from the first.
fn hops(id: &str) -> usize {
    let (mut rest, mut hops) = (id, 0);
    while let Some(before) = rest.strip_suffix(HOP) {
        rest = before;
        hops += 1;
    }
    hops
}

/// Makes calls for ever.
pub async fn make_calls(control: Arc<Control>) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let free = slots.available_permits();
        let claim = Claim {
            kinds: vec![FunctionEvent::KIND.to_owned()],
            ids: Vec::new(),
            owner: control.owner.clone(),
            now: control.world.now(),
            lease: control.pace.lease,
            limit: free as u32,
        };
        let claimed = match free {
            0 => Ok(Vec::new()),
            _ => control.store.claim(&claim).await,
        };
        let rows = claimed.unwrap_or_else(|error| {
            tracing::warn!(%error, "no asynchronous calls could be claimed");
            Vec::new()
        });
        if rows.is_empty() {
            tokio::select! {
                () = control.function_events.notified() => {}
                () = tokio::time::sleep(control.pace.poll.to_std() / 4) => {}
            }
            continue;
        }
        for row in rows {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
                return;
            };
            let control = Arc::clone(&control);
            tokio::spawn(async move {
                match control.carry_out(row).await {
                    // Somebody else was faster, or the function was deleted meanwhile.
                    Ok(()) | Err(Error::Store(StoreError::Stale(_))) => {}
                    Err(error) => tracing::warn!(%error, "an asynchronous call is left for later"),
                }
                drop(slot);
                control.function_events.notify_one();
            });
        }
    }
}

impl Control {
    async fn carry_out(&self, row: Row) -> Result<(), Error> {
        let mut event: FunctionEvent = read(&row)?;
        let key = event.key();
        let owner = Key::new(Function::KIND, &event.workspace, &event.function);
        let Some((function, _)) = self.find::<Function>(&owner).await? else {
            let commit = Commit {
                now: self.world.now(),
                delete: vec![key],
                ..Commit::default()
            };
            self.store.commit(commit).await?;
            return Ok(());
        };
        let retries = function.spec.retries_of(&event.qualifier);
        if let Some(Next::GiveUp(why)) = decide::before(&event, retries, self.world.now()) {
            let came = Came::Lost;
            return self
                .finish(&event, retries, Some(why), &came, row.revision)
                .await;
        }
        let until = self.world.now() + Span(function.spec.timeout.0.saturating_add(EXTRA.0));
        event.attempts += 1;
        event.phase = EventPhase::Running { until };
        let begin = Commit {
            now: self.world.now(),
            expect: vec![Expect::Revision(key.clone(), row.revision)],
            put: vec![event.row(Some(until))?],
            ..Commit::default()
        };
        self.store.commit(begin).await?;
        let revision = row.revision + 1;
        let came = self.make_call(&event).await;
        match decide(&event, retries, &came, self.world.now()) {
            Next::Again { at, counted } => {
                event.phase = EventPhase::Waiting;
                event.attempts -= u32::from(!counted);
                let commit = Commit {
                    now: self.world.now(),
                    expect: vec![Expect::Revision(key, revision)],
                    put: vec![event.row(Some(at))?],
                    ..Commit::default()
                };
                self.store.commit(commit).await?;
                Ok(())
            }
            Next::GiveUp(why) => {
                self.finish(&event, retries, Some(why), &came, revision)
                    .await
            }
            Next::Done => self.finish(&event, retries, None, &came, revision).await,
        }
    }

    async fn make_call(&self, event: &FunctionEvent) -> Came {
        let target = self
            .resolve(&event.workspace, &event.function, &event.qualifier)
            .await;
        let answered = match target {
            Ok(target) => self.give(event, &target).await,
            Err(error) => Err(error.into()),
        };
        match answered {
            Ok(answer) => Came::Answered(Box::new(answer)),
            Err(refusal) => Came::Refused(refusal),
        }
    }

    async fn give(
        &self,
        event: &FunctionEvent,
        target: &FunctionTarget,
    ) -> Result<FunctionAnswer, Refusal> {
        let call = FunctionCall {
            request: event.id.clone(),
            input: FunctionInput::Event(self.event_input(event, &target.spec).await?),
            received: event.received,
            invoked: arn::of(&event.function, &event.qualifier),
            client_context: None,
        };
        self.function_plane.invoke(target, call).await
    }

    /// Forgets the call and tells its destination, if it has one.
    async fn finish(
        &self,
        event: &FunctionEvent,
        retries: &Retries,
        given_up: Option<&'static str>,
        came: &Came,
        revision: i64,
    ) -> Result<(), Error> {
        let key = event.key();
        let destination = match given_up {
            Some(_) => retries.on_failure.as_ref(),
            None => retries.on_success.as_ref(),
        };
        let record = record::of(event, given_up, came, self.world.now());
        let mut commit = Commit {
            now: self.world.now(),
            expect: vec![Expect::Revision(key.clone(), revision)],
            delete: vec![key],
            ..Commit::default()
        };
        let owner = Key::new(Function::KIND, &event.workspace, &event.function);
        if let Some(why) = given_up {
            let detail = json!({"request": event.id, "attempts": event.attempts, "why": why});
            commit
                .events
                .push(system_event(&owner, "call-given-up", detail));
        }
        match destination {
            None => {}
            Some(Destination::Function { .. }) if hops(&event.id) >= MOST_HOPS => {
                let detail = json!({"request": event.id, "why": "RecursiveInvocation"});
                let told = system_event(&owner, "record-dropped", detail);
                commit.events.push(told);
            }
            Some(Destination::Function { function }) => {
                let next = FunctionEvent {
                    // Made of the first call's id, so that a crash makes no second one.
                    id: format!("{}{HOP}", event.id),
                    workspace: event.workspace.clone(),
                    function: function.clone(),
                    qualifier: Qualifier::Latest,
                    payload: record.to_string(),
                    source: event.function.to_string(),
                    received: self.world.now(),
                    attempts: 0,
                    phase: EventPhase::Waiting,
                };
                commit.put.push(next.row(Some(next.received))?);
            }
            Some(Destination::Bucket { bucket, prefix }) => {
                let object = format!("{prefix}{}/{}.json", event.function, event.id);
                let kept = self.put_record(&event.workspace, bucket, &object, &record);
                match kept.await {
                    Ok(()) => {}
                    // Waiting does not bring a bucket back, or make a name right.
                    Err(Error::Objects(
                        why @ (ObjectError::NoSuchBucket(_) | ObjectError::Invalid(_)),
                    )) => {
                        let detail = json!({"request": event.id, "why": why.to_string()});
                        let told = system_event(&owner, "record-dropped", detail);
                        commit.events.push(told);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        self.store.commit(commit).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::hops;

    #[test]
    fn records_of_records_are_counted() {
        assert_eq!(hops("r"), 0);
        assert_eq!(hops("f.d.3"), 0);
        assert_eq!(hops("r.d.d.d"), 3);
    }
}
