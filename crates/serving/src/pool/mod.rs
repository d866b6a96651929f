//! The replicas of one deployment: started, kept alive, handed out to requests one call at a time,
//! and drained when something else takes over.

mod invoke;
mod lease;
mod scale;
mod slot;
mod state;

pub(crate) use invoke::Outcome;

use crate::budget::Budget;
use crate::figures::Counters;
use crate::replica::{Batches, Facts, ReplicaLauncher};
use crate::spec::{DeploymentSpec, EndpointKey, Limits};
use state::State;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};
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
    /// What all replicas may take.
    pub(crate) budget: Arc<Budget>,
    /// Told of every change, for those who watch the whole server.
    pub(crate) announce: watch::Sender<u64>,
}

/// The replicas of one deployment.
pub(crate) struct Pool {
    parts: Parts,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    /// A request waits.
    queued: Notify,
    tasks: TaskTracker,
}

/// A pool at one moment.
pub(crate) struct Glimpse {
    pub(crate) wanted: u32,
    pub(crate) floor: u32,
    pub(crate) most: u32,
    pub(crate) ready: u32,
    pub(crate) starting: u32,
    pub(crate) running: usize,
    pub(crate) waiting: usize,
    pub(crate) trouble: Option<String>,
    pub(crate) replicas: Vec<Facts>,
    pub(crate) batches: Batches,
}

impl Pool {
    /// A pool that begins at once to start its replicas.
    pub(crate) fn start(parts: Parts) -> Arc<Self> {
        let spec = Arc::clone(&parts.spec);
        let pool = Arc::new(Self {
            parts,
            state: Mutex::new(State::default()),
            changed: watch::Sender::new(0),
            queued: Notify::new(),
            tasks: TaskTracker::new(),
        });
        pool.parts.budget.count(&pool);
        pool.bound(spec.replicas, spec.most_replicas);
        // Without a warm floor one is started all the same: whether it starts shall be known.
        pool.resize(spec.replicas.max(spec.most_replicas.min(1)));
        pool.tasks.spawn(scale::follow(Arc::clone(&pool)));
        pool
    }

    /// Changes the bounds; what is there beyond them goes, what is missing comes.
    pub(crate) fn bound(self: &Arc<Self>, floor: u32, most: u32) {
        let most = most.max(floor);
        let present = {
            let mut state = self.state();
            state.floor = floor;
            // What was kept warm was not only tried.
            state.asked |= floor > 0;
            state.most = most;
            u32::try_from(state.slots.len()).unwrap_or(u32::MAX)
        };
        let bounded = present.clamp(floor, most);
        if bounded != present {
            self.resize(bounded);
        }
        self.queued.notify_one();
    }

    /// The processes of the replicas that are ready, and how many are being started.
    pub(crate) fn processes(&self) -> (Vec<u32>, usize) {
        let state = self.state();
        let members = state.members.iter();
        let processes = members.filter_map(|member| member.replica.facts().process);
        (processes.collect(), state.starting as usize)
    }

    /// Ends the replicas above the warm floor if nobody needs them now; how many went.
    pub(crate) fn release(self: &Arc<Self>) -> usize {
        let (floor, spare) = {
            let state = self.state();
            let idle = state.waiting.is_empty() && state.running() == 0 && state.starting == 0;
            let floor = state.floor as usize;
            let spare = if idle {
                state.slots.len().saturating_sub(floor)
            } else {
                0
            };
            (state.floor, spare)
        };
        if spare > 0 {
            self.resize(floor);
        }
        spare
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
    /// the call they are busy with.
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
        let mut batches = Batches::default();
        for member in &state.members {
            let more = member.replica.batches();
            batches.batches += more.batches;
            batches.calls += more.calls;
        }
        Glimpse {
            batches,
            wanted: state.wanted,
            floor: state.floor,
            most: state.most,
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
