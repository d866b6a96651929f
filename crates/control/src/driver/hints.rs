//! What wakes reconcilers sooner than their next look: a hint names a row, it never steers what
//! is decided about it.

use contracts::backend::Observation;
use contracts::store::Key;
use domain::TicketId;
use domain::job::Job;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

use crate::rows::Stored;

/// What is known of a live ticket on this server.
#[derive(Debug, Clone)]
struct Live {
    job: Key,
    provider: String,
    last: Option<Observation>,
}

#[derive(Default)]
struct State {
    pending: BTreeSet<Key>,
    active: BTreeSet<Key>,
    woken_while_active: BTreeSet<Key>,
    live: BTreeMap<TicketId, Live>,
    waiting: BTreeSet<Key>,
    watchers: BTreeMap<Key, Key>,
    /// Jobs whose end was told here, and whose event is still to come by.
    told: BTreeSet<Key>,
}

/// The hints of one server.
#[derive(Default)]
pub struct Hints {
    state: Mutex<State>,
    notify: Notify,
}

impl Hints {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change below leaves the sets whole, so a poisoned lock is as good as any.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has these rows looked at soon.
    pub fn wake(&self, keys: impl IntoIterator<Item = Key>) {
        let mut state = self.state();
        for key in keys {
            if state.active.contains(&key) {
                state.woken_while_active.insert(key);
            } else {
                state.pending.insert(key);
            }
        }
        drop(state);
        self.notify.notify_one();
    }

    /// Waits until something was woken.
    pub(crate) async fn woken(&self) {
        self.notify.notified().await;
    }

    /// Takes at most `limit` woken rows. Those whose activation began after they were woken come
    /// when it is over: until then their lease is taken, and the hint would be lost.
    pub(crate) fn take(&self, limit: usize) -> Vec<Key> {
        let mut state = self.state();
        let mut taken = Vec::new();
        while taken.len() < limit
            && let Some(key) = state.pending.pop_first()
        {
            if state.active.contains(&key) {
                state.woken_while_active.insert(key);
            } else {
                taken.push(key);
            }
        }
        taken
    }

    /// Marks a row as being activated; `false` when it already is.
    pub(crate) fn begin(&self, key: &Key) -> bool {
        self.state().active.insert(key.clone())
    }

    /// Ends an activation; a hint that came in its course counts from now on.
    pub(crate) fn end(&self, key: &Key) {
        let mut state = self.state();
        state.active.remove(key);
        if state.woken_while_active.remove(key) {
            state.pending.insert(key.clone());
            drop(state);
            self.notify.notify_one();
        }
    }

    /// Remembers which ticket of a job is live, and wakes whoever waits for what it set free; with
    /// `newly`, that its outcome is certain now, its run besides.
    pub(crate) fn track(&self, job: &Job, newly: bool) {
        let key = job.key();
        let mut state = self.state();
        let current = job.phase.ticket().cloned();
        let before = state.live.len();
        state
            .live
            .retain(|ticket, live| live.job != key || Some(ticket) == current.as_ref());
        let freed = state.live.len() < before;
        if let (Some(ticket), Some(placement)) = (current, job.phase.placement()) {
            state.live.entry(ticket).or_insert_with(|| Live {
                job: key.clone(),
                provider: placement.provider.clone(),
                last: None,
            });
        }
        state.waiting.remove(&key);
        let mut woken = Vec::new();
        if freed && let Some(next) = state.waiting.pop_first() {
            woken.push(next);
        }
        if newly {
            woken.extend(state.watchers.remove(&key));
            let run = job.step.as_ref().map(|step| &step.run);
            woken.extend(run.map(|run| Key::new("run", &job.workspace, run)));
            state.told.insert(key);
        }
        drop(state);
        self.wake(woken);
    }

    /// Wakes `watcher` when the job of this address is over.
    pub(crate) fn watch(&self, job: Key, watcher: Key) {
        self.state().watchers.insert(job, watcher);
    }

    /// The event of a job's end came by: wakes whoever began to wait for it in the meantime, and
    /// its run unless that was done when the end was committed here.
    pub(crate) fn over(&self, job: &Key, run: Option<Key>) {
        let mut state = self.state();
        let run = run.filter(|_| !state.told.remove(job));
        let woken: Vec<Key> = state.watchers.remove(job).into_iter().chain(run).collect();
        drop(state);
        if !woken.is_empty() {
            self.wake(woken);
        }
    }

    /// How many tickets of a provider are live here.
    pub(crate) fn live(&self, provider: &str) -> usize {
        self.state()
            .live
            .values()
            .filter(|live| live.provider == provider)
            .count()
    }

    /// How many tickets are live here, whatever their provider.
    pub(crate) fn live_anywhere(&self) -> usize {
        self.state().live.len()
    }

    /// Remembers that a queued job waits for a free place.
    pub(crate) fn wait_for_place(&self, job: &Job) {
        self.state().waiting.insert(job.key());
    }

    /// The live tickets of a provider.
    pub(crate) fn tickets(&self, provider: &str) -> Vec<TicketId> {
        let state = self.state();
        let mine = state
            .live
            .iter()
            .filter(|(_, live)| live.provider == provider);
        mine.map(|(ticket, _)| ticket.clone()).collect()
    }

    /// Wakes the jobs whose observation is another than before, those that have begun to run
    /// excepted, which are answered. That one prepares is seen at its next look anyway: nothing
    /// follows from it that somebody could be waiting for.
    pub(crate) fn observed(
        &self,
        tickets: &[TicketId],
        observations: Vec<Observation>,
    ) -> Vec<TicketId> {
        let mut woken = Vec::new();
        let mut running = Vec::new();
        let mut state = self.state();
        for (ticket, observation) in tickets.iter().zip(observations) {
            let Some(live) = state.live.get_mut(ticket) else {
                continue;
            };
            if live.last.as_ref() == Some(&observation) {
                continue;
            }
            match observation {
                Observation::Preparing { .. } => {}
                Observation::Running { .. } => running.push(ticket.clone()),
                _ => woken.push(live.job.clone()),
            }
            live.last = Some(observation);
        }
        drop(state);
        if !woken.is_empty() {
            self.wake(woken);
        }
        running
    }

    /// Wakes the jobs of those tickets that were last seen to run.
    pub(crate) fn still_running(&self, tickets: &[TicketId]) {
        let state = self.state();
        let live = tickets.iter().filter_map(|ticket| state.live.get(ticket));
        let running = |live: &&Live| matches!(live.last, Some(Observation::Running { .. }));
        let woken: Vec<Key> = live.filter(running).map(|live| live.job.clone()).collect();
        drop(state);
        if !woken.is_empty() {
            self.wake(woken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Workspace;

    #[test]
    fn a_hint_outlives_an_activation_that_begins_after_it() {
        let hints = Hints::default();
        let key = Key::new("job", &Workspace::default(), "j");
        hints.wake([key.clone()]);
        assert!(hints.begin(&key));
        assert!(hints.take(8).is_empty());
        hints.end(&key);
        assert_eq!(hints.take(8), [key]);
        assert!(hints.take(8).is_empty());
    }
}
