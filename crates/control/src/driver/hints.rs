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

    /// Takes at most `limit` woken rows.
    pub(crate) fn take(&self, limit: usize) -> Vec<Key> {
        let mut state = self.state();
        let taken: Vec<Key> = state.pending.iter().take(limit).cloned().collect();
        for key in &taken {
            state.pending.remove(key);
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

    /// Remembers which ticket of a job is live, and wakes whoever waits for what it set free.
    pub(crate) fn track(&self, job: &Job) {
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
        if job.phase.outcome().is_some() {
            woken.extend(state.watchers.remove(&key));
        }
        drop(state);
        if job.phase.outcome().is_some()
            && let Some(step) = &job.step
        {
            woken.push(Key::new("run", &job.workspace, &step.run));
        }
        self.wake(woken);
    }

    /// Wakes `watcher` when the job of this address is over.
    pub(crate) fn watch(&self, job: Key, watcher: Key) {
        self.state().watchers.insert(job, watcher);
    }

    /// Wakes whoever waits for the end of the job of this address.
    pub(crate) fn over(&self, job: &Key) {
        let watcher = self.state().watchers.remove(job);
        if watcher.is_some() {
            self.wake(watcher);
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

    /// Wakes the jobs whose observation is another than before.
    pub(crate) fn observed(&self, tickets: &[TicketId], observations: Vec<Observation>) {
        let mut woken = Vec::new();
        let mut state = self.state();
        for (ticket, observation) in tickets.iter().zip(observations) {
            if let Some(live) = state.live.get_mut(ticket)
                && live.last.as_ref() != Some(&observation)
            {
                live.last = Some(observation);
                woken.push(live.job.clone());
            }
        }
        drop(state);
        if !woken.is_empty() {
            self.wake(woken);
        }
    }
}
