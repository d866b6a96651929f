//! How much memory the replicas of all endpoints may take together.
//!
//! The warm floors are started whatever they take, because they were asked for; the budget decides
//! over replicas above them. Where it is used up, replicas of other deployments that nobody needs
//! are ended first. A replica's size is its share of memory as the kernel counts it (proc(5),
//! `smaps_rollup`), in which pages that forks have in common count once.

use crate::memory_of::share;
use crate::pool::Pool;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::task::spawn_blocking;

/// What a replica is taken to need before one was measured.
const USUAL: u64 = 96 << 20;

/// The budget of one server.
#[derive(Default)]
pub(crate) struct Budget {
    bytes: Option<u64>,
    pools: Mutex<Vec<Weak<Pool>>>,
}

impl Budget {
    /// So many bytes; none is no limit.
    pub(crate) fn new(bytes: Option<u64>) -> Self {
        Self {
            bytes,
            pools: Mutex::default(),
        }
    }

    /// Counts a pool's replicas from now on.
    pub(crate) fn count(&self, pool: &Arc<Pool>) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| pool.strong_count() > 0);
        pools.push(Arc::downgrade(pool));
    }

    /// Whether a pool may start one replica more, besides `promised` ones.
    pub(crate) async fn allows(&self, asking: &Arc<Pool>, promised: usize) -> bool {
        let Some(bytes) = self.bytes else { return true };
        let pools: Vec<Arc<Pool>> = {
            let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
            pools.iter().filter_map(Weak::upgrade).collect()
        };
        let seen: Vec<(Vec<u32>, usize)> = pools.iter().map(|pool| pool.processes()).collect();
        let place = pools.iter().position(|pool| Arc::ptr_eq(pool, asking));
        let Ok(sizes) = spawn_blocking(move || measure(&seen)).await else {
            return false;
        };
        let used: u64 = sizes.iter().map(|size| size.all).sum();
        let each = place
            .and_then(|place| sizes.get(place))
            .map_or(USUAL, |size| size.each);
        let wanted = used.saturating_add(each.saturating_mul(promised as u64 + 1));
        if wanted <= bytes {
            return true;
        }
        let mut freed = 0;
        for (pool, size) in pools.iter().zip(&sizes) {
            if !Arc::ptr_eq(pool, asking) {
                freed += size.each.saturating_mul(pool.release() as u64);
            }
            if wanted.saturating_sub(freed) <= bytes {
                return true;
            }
        }
        false
    }
}

struct Size {
    all: u64,
    each: u64,
}

fn measure(pools: &[(Vec<u32>, usize)]) -> Vec<Size> {
    let measured = pools.iter().map(|(processes, starting)| {
        let ready: u64 = processes.iter().filter_map(|process| share(*process)).sum();
        let each = ready.checked_div(processes.len() as u64).unwrap_or(USUAL);
        Size {
            all: ready + each * *starting as u64,
            each,
        }
    });
    measured.collect()
}
