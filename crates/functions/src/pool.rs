//! The instances of one ready version: as many as there are calls, up to the most; kept for a
//! while when there are none.

use crate::instance::Instance;
use crate::log::InstanceLog;
use crate::preparation::Ready;
use contracts::functions::FunctionFigures;
use domain::function::Scale;
use domain::{Refusal, Span};
use runtimes::control_group::ControlGroup;
use serving::replica::Birth;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How long a call waits for one of the instances when all are busy.
const WAIT: Duration = Duration::from_secs(30);
/// Most calls that wait.
const MOST_WAITING: u32 = 1_000;

/// An instance with all that is its own.
pub(crate) struct Slot {
    pub(crate) instance: Box<dyn Instance>,
    pub(crate) log: Arc<InstanceLog>,
    pub(crate) birth: Birth,
    /// Ends what is left of its processes when it is dropped.
    pub(crate) group: Option<ControlGroup>,
    /// Says that the group is there, in case this server is killed.
    pub(crate) marker: PathBuf,
    /// The owner of the scratch folder outlives the instance.
    pub(crate) ready: Arc<Ready>,
    pub(crate) since: Instant,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(process) = self.instance.process() {
            self.ready.scratch.forget(process);
        }
        drop(self.group.take());
        let _ = std::fs::remove_file(&self.marker);
    }
}

#[derive(Default)]
struct State {
    idle: Vec<Slot>,
    busy: u32,
    waiting: u32,
    closed: bool,
}

/// Counts of one version.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) calls: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) throttled: AtomicU64,
    pub(crate) forked: AtomicU64,
    pub(crate) fresh: AtomicU64,
    pub(crate) busy_micros: AtomicU64,
}

/// The instances of one ready version.
pub(crate) struct Pool {
    pub(crate) ready: Arc<Ready>,
    pub(crate) counts: Counts,
    state: Mutex<State>,
    freed: Notify,
}

/// The right to use one instance, or to start one.
pub(crate) struct Turn {
    pool: Arc<Pool>,
    /// The instance; none when one is to be started.
    pub(crate) slot: Option<Slot>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        state.busy -= 1;
        if let Some(mut slot) = self.slot.take()
            && !state.closed
        {
            slot.since = Instant::now();
            state.idle.push(slot);
        }
        drop(state);
        self.pool.freed.notify_one();
    }
}

impl Pool {
    pub(crate) fn new(ready: Ready) -> Arc<Self> {
        Arc::new(Self {
            ready: Arc::new(ready),
            counts: Counts::default(),
            state: Mutex::default(),
            freed: Notify::new(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn, waiting for it when all instances are busy and no more may be started.
    pub(crate) async fn turn(self: &Arc<Self>, scale: &Scale) -> Result<Turn, Refusal> {
        if let Some(turn) = self.try_turn(scale) {
            return Ok(turn);
        }
        {
            let mut state = self.state();
            if scale.max == 0 || state.waiting >= MOST_WAITING {
                drop(state);
                return Err(self.throttled(scale));
            }
            state.waiting += 1;
        }
        let waiting = Waiting(self);
        let taken = timeout(WAIT, async {
            loop {
                let freed = self.freed.notified();
                if let Some(turn) = self.try_turn(scale) {
                    return turn;
                }
                freed.await;
            }
        });
        let taken = taken.await;
        drop(waiting);
        taken.map_err(|_| self.throttled(scale))
    }

    fn throttled(&self, scale: &Scale) -> Refusal {
        self.counts.throttled.fetch_add(1, Relaxed);
        let name = &self.ready.target.name;
        Refusal::Throttled {
            message: format!(
                "all instances of function `{name}` are busy; it has at most {}",
                scale.max
            ),
            after: Span::seconds(1),
        }
    }

    /// The instance that was used last, so that others may age; or the right to start one.
    fn try_turn(self: &Arc<Self>, scale: &Scale) -> Option<Turn> {
        let mut state = self.state();
        let slot = state.idle.pop();
        if slot.is_none() && state.busy >= scale.max {
            return None;
        }
        state.busy += 1;
        Some(Turn {
            pool: Arc::clone(self),
            slot,
        })
    }

    /// Ends instances that had nothing to do for longer than they are kept.
    pub(crate) fn age(&self, scale: &Scale) {
        let kept = scale.idle.to_std();
        let mut over = Vec::new();
        let mut state = self.state();
        while state.idle.len() > scale.min as usize
            && state
                .idle
                .first()
                .is_some_and(|slot| slot.since.elapsed() >= kept)
        {
            over.push(state.idle.remove(0));
        }
        drop(state);
        drop(over);
    }

    /// Takes an instance that was started ahead of any call.
    pub(crate) fn add(&self, slot: Slot) {
        let mut state = self.state();
        if !state.closed {
            state.idle.push(slot);
            drop(state);
            self.freed.notify_one();
        }
    }

    /// Ends idle instances now and busy ones after their call.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let over = std::mem::take(&mut state.idle);
        drop(state);
        drop(over);
    }

    /// Adds this version's figures.
    pub(crate) fn count(&self, figures: &mut FunctionFigures) {
        let state = self.state();
        figures.busy += state.busy;
        figures.instances += state.busy + state.idle.len() as u32;
        let processes = state.idle.iter().filter_map(|slot| slot.instance.process());
        figures.processes.extend(processes);
        drop(state);
        figures.calls += self.counts.calls.load(Relaxed);
        figures.errors += self.counts.errors.load(Relaxed);
        figures.throttled += self.counts.throttled.load(Relaxed);
        figures.forked += self.counts.forked.load(Relaxed);
        figures.fresh += self.counts.fresh.load(Relaxed);
        figures.busy_micros += self.counts.busy_micros.load(Relaxed);
    }
}

struct Waiting<'a>(&'a Arc<Pool>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}
