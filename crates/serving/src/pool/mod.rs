//! The replicas of one deployment: started, kept alive, handed out to requests one call at a time,
//! and drained when something else takes over.

mod invoke;
mod lease;
mod slot;
mod state;

pub(crate) use invoke::Outcome;

use crate::figures::Counters;
use crate::replica::{Facts, ReplicaLauncher};
use crate::spec::{DeploymentSpec, EndpointKey, Limits};
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a pool is made of.
pub(crate) struct Parts {
    pub(crate) endpoint: EndpointKey,
    pub(crate) spec: Arc<DeploymentSpec>,
    pub(crate) limits: Limits,
    pub(crate) launcher: Arc<dyn ReplicaLauncher>,
    pub(crate) counters: Arc<Counters>,
    /// Told of every change, for those who watch the whole server.
    pub(crate) announce: watch::Sender<u64>,
}

/// The replicas of one deployment.
pub(crate) struct Pool {
    parts: Parts,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    tasks: TaskTracker,
}

/// A pool at one moment.
pub(crate) struct Glimpse {
    pub(crate) wanted: u32,
    pub(crate) ready: u32,
    pub(crate) starting: u32,
    pub(crate) running: usize,
    pub(crate) waiting: usize,
    pub(crate) trouble: Option<String>,
    pub(crate) replicas: Vec<Facts>,
}

impl Pool {
    /// A pool that begins at once to start its replicas.
    pub(crate) fn start(parts: Parts) -> Arc<Self> {
        let replicas = parts.spec.replicas;
        let pool = Arc::new(Self {
            parts,
            state: Mutex::new(State::default()),
            changed: watch::Sender::new(0),
            tasks: TaskTracker::new(),
        });
        pool.resize(replicas);
        pool
    }

    pub(crate) fn spec(&self) -> &Arc<DeploymentSpec> {
        &self.parts.spec
    }

    pub(crate) fn limits(&self) -> Limits {
        self.parts.limits
    }

    pub(crate) fn counters(&self) -> &Arc<Counters> {
        &self.parts.counters
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count += 1);
        self.parts.announce.send_modify(|count| *count += 1);
    }

    /// Makes it so many replicas: the missing are started, the newest of too many are retired after
    /// the call they are busy with. This is what an autoscaler calls.
    pub(crate) fn resize(self: &Arc<Self>, replicas: u32) {
        let mut state = self.state();
        if state.closed {
            return;
        }
        state.wanted = replicas;
        while state.slots.len() > replicas as usize {
            if let Some(slot) = state.slots.pop() {
                slot.cancel();
            }
        }
        while state.slots.len() < replicas as usize {
            let token = CancellationToken::new();
            state.slots.push(token.clone());
            state.starting += 1;
            self.tasks.spawn(slot::keep(Arc::clone(self), token));
        }
        drop(state);
        self.tell();
    }

    /// Completes when as many replicas are ready as are wanted, or the pool is closed.
    pub(crate) async fn full(&self) {
        let mut changed = self.changed.subscribe();
        loop {
            {
                let state = self.state();
                if state.closed || state.members.len() >= state.wanted as usize {
                    return;
                }
            }
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Takes no new requests, answers those that it has within the drain limit, then ends all
    /// replicas; completes when nothing is left.
    pub(crate) async fn drain(&self) {
        self.state().closed = true;
        self.tell();
        let limit = self.spec().timing.drain;
        if timeout(limit, self.idle()).await.is_err() {
            tracing::warn!(
                endpoint = %self.parts.endpoint, deployment = %self.spec().name,
                "requests were still under way at the end of the drain limit"
            );
        }
        let (slots, waiting) = {
            let mut state = self.state();
            state.wanted = 0;
            state.over = true;
            (
                std::mem::take(&mut state.slots),
                std::mem::take(&mut state.waiting),
            )
        };
        drop(waiting);
        for slot in slots {
            slot.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
        self.parts.launcher.forget(self.spec());
        self.tell();
    }

    async fn idle(&self) {
        let mut changed = self.changed.subscribe();
        loop {
            {
                let state = self.state();
                if state.waiting.is_empty() && state.running() == 0 {
                    return;
                }
            }
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    pub(crate) fn glimpse(&self) -> Glimpse {
        let state = self.state();
        Glimpse {
            wanted: state.wanted,
            ready: state.members.len() as u32,
            starting: state.starting,
            running: state.running(),
            waiting: state.waiting.len(),
            trouble: state
                .trouble
                .as_ref()
                .map(|trouble| trouble.message.clone()),
            replicas: state
                .members
                .iter()
                .map(|member| member.replica.facts().clone())
                .collect(),
        }
    }
}
