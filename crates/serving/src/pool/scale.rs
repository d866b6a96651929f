//! How many replicas there are: more when requests wait, fewer when they have not been needed for a
//! while.
//!
//! Up goes at once, by what waits and for how long, at most doubling at a time. Down goes only after
//! a whole idle time in which fewer would have been enough for the greatest demand seen, so that
//! bursts do not start and stop replicas in turn. A deployment without a warm floor sleeps when
//! nobody has asked for that time; the next request waits for one start.

use super::Pool;
use super::state::Trouble;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A request that waits longer than this is worth another replica.
const WORTH_A_START: Duration = Duration::from_millis(20);
/// Pause between two looks while requests wait.
const LOOK: Duration = Duration::from_millis(10);
/// How long a replica without a warm floor stays that has only been tried.
const TRIED: Duration = Duration::from_secs(1);
/// When a start that the memory budget did not allow is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What is decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Load {
    /// Replicas that there are or that are being started.
    pub(super) replicas: usize,
    /// Calls that each takes at a time.
    pub(super) concurrency: usize,
    /// Calls under way.
    pub(super) running: usize,
    /// Requests that wait.
    pub(super) waiting: usize,
    /// How long the first of them has waited.
    pub(super) longest: Duration,
    /// Whether a start is under way.
    pub(super) starting: bool,
    /// Never fewer.
    pub(super) floor: usize,
    /// Never more.
    pub(super) most: usize,
}

/// How many replicas there shall be for what waits now; never fewer than there are.
pub(super) fn more(load: Load) -> usize {
    let Load { replicas, most, .. } = load;
    if load.waiting == 0 || replicas >= most {
        return replicas;
    }
    if replicas == 0 {
        return 1;
    }
    // What is being started may be enough; and a queue that drains at once needs nothing.
    if load.starting || load.longest < WORTH_A_START {
        return replicas;
    }
    needed(load.running + load.waiting, load.concurrency)
        .clamp(replicas, replicas * 2)
        .min(most)
}

/// How many replicas the demand of a whole idle time leaves; never more than there are.
pub(super) fn fewer(load: Load, greatest: usize) -> usize {
    needed(greatest, load.concurrency)
        .max(load.floor)
        .min(load.replicas)
}

fn needed(demand: usize, concurrency: usize) -> usize {
    demand.div_ceil(concurrency.max(1))
}

/// Follows the load until the pool is closed.
pub(super) async fn follow(pool: Arc<Pool>) {
    let mut window = Instant::now();
    let mut before = usize::MAX;
    loop {
        let (load, closed) = pool.load();
        if closed {
            return;
        }
        let wanted = more(load);
        if wanted > load.replicas {
            pool.grow(load.replicas, wanted).await;
        }
        let idle = pool.patience();
        if window.elapsed() >= idle {
            let greatest = pool.greatest_demand();
            let kept = fewer(load, greatest.max(before));
            if kept < load.replicas && load.waiting == 0 {
                tracing::debug!(
                    endpoint = %pool.parts.endpoint, deployment = %pool.spec().name,
                    from = load.replicas, to = kept, "fewer replicas are needed"
                );
                pool.resize(u32::try_from(kept).unwrap_or(u32::MAX));
            }
            before = greatest;
            window = Instant::now();
        }
        let pause = if load.waiting > 0 {
            LOOK
        } else if load.replicas > load.floor {
            (idle / 4).max(LOOK)
        } else {
            // Nothing to do until a request waits.
            idle.max(Duration::from_hours(1))
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = pool.queued.notified() => {}
            () = pool.closing() => {}
        }
    }
}

impl Pool {
    fn load(&self) -> (Load, bool) {
        let state = self.state();
        let waiting = state
            .waiting
            .iter()
            .filter(|waiting| !waiting.sender.is_closed());
        let first = waiting
            .clone()
            .next()
            .map(|waiting| waiting.since.elapsed());
        let concurrency = state
            .members
            .iter()
            .map(|member| member.replica.facts().concurrency);
        let load = Load {
            replicas: state.slots.len(),
            concurrency: concurrency.min().unwrap_or(1),
            running: state.running(),
            waiting: waiting.count(),
            longest: first.unwrap_or_default(),
            starting: state.starting > 0,
            floor: state.floor as usize,
            most: state.most as usize,
        };
        (load, state.closed)
    }

    /// How long replicas above the floor stay when nobody needs them. One that was started only to
    /// see whether it starts, and that nobody has asked yet, stays less long.
    fn patience(&self) -> Duration {
        let idle = self.spec().timing.idle;
        let state = self.state();
        if state.floor == 0 && !state.asked {
            idle.min(TRIED)
        } else {
            idle
        }
    }

    /// The greatest demand since this was last asked.
    fn greatest_demand(&self) -> usize {
        let mut state = self.state();
        let now = state.running() + state.waiting.len();
        std::mem::replace(&mut state.greatest, now).max(now)
    }

    /// Starts replicas as far as memory allows.
    async fn grow(self: &Arc<Self>, from: usize, to: usize) {
        let mut allowed = from;
        while allowed < to && self.parts.budget.allows(self, allowed - from).await {
            allowed += 1;
        }
        if allowed > from {
            if from == 0 {
                self.parts.counters.woken.fetch_add(1, Relaxed);
            }
            tracing::debug!(
                endpoint = %self.parts.endpoint, deployment = %self.spec().name,
                from, to = allowed, "more replicas are needed"
            );
            self.resize(u32::try_from(allowed).unwrap_or(u32::MAX));
            return;
        }
        if from == 0 {
            self.state().trouble = Some(Trouble {
                message: "the memory budget of this machine is used up by other endpoints"
                    .to_owned(),
                until: Instant::now() + AGAIN,
            });
            self.dismiss();
            self.tell();
        }
    }

    async fn closing(&self) {
        let mut changed = self.changed.subscribe();
        while !self.state().closed {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(1);

    fn load(replicas: usize, running: usize, waiting: usize) -> Load {
        Load {
            replicas,
            concurrency: 1,
            running,
            waiting,
            longest: LONG,
            starting: false,
            floor: 0,
            most: 8,
        }
    }

    #[test]
    fn more_is_what_waits_and_at_most_twice_as_many() {
        assert_eq!(more(load(0, 0, 50)), 1);
        assert_eq!(more(load(1, 1, 50)), 2);
        assert_eq!(more(load(4, 4, 1)), 5);
        assert_eq!(more(load(6, 6, 50)), 8);
        assert_eq!(more(load(8, 8, 50)), 8);
        assert_eq!(more(load(3, 3, 0)), 3);
        let starting = Load {
            starting: true,
            ..load(2, 2, 9)
        };
        assert_eq!(more(starting), 2);
        let short = Load {
            longest: Duration::from_millis(1),
            ..load(2, 2, 9)
        };
        assert_eq!(more(short), 2);
        let batching = Load {
            concurrency: 16,
            ..load(1, 16, 8)
        };
        assert_eq!(more(batching), 2);
        let never = Load {
            most: 0,
            ..load(0, 0, 3)
        };
        assert_eq!(more(never), 0);
    }

    #[test]
    fn fewer_is_what_the_greatest_demand_needs_and_never_below_the_floor() {
        assert_eq!(fewer(load(8, 0, 0), 3), 3);
        assert_eq!(fewer(load(8, 0, 0), 0), 0);
        assert_eq!(fewer(load(2, 0, 0), 9), 2);
        let warm = Load {
            floor: 2,
            ..load(8, 0, 0)
        };
        assert_eq!(fewer(warm, 0), 2);
        let batching = Load {
            concurrency: 16,
            ..load(4, 0, 0)
        };
        assert_eq!(fewer(batching, 17), 2);
    }
}
