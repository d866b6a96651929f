//! What a pool knows, guarded by its one lock; no awaiting happens in here.

use super::lease::Lease;
use crate::replica::Replica;
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A replica that is ready.
pub(super) struct Member {
    pub(super) number: u64,
    pub(super) replica: Arc<dyn Replica>,
    pub(super) running: usize,
    /// Takes no further calls.
    pub(super) retiring: bool,
}

impl Member {
    fn has_place(&self) -> bool {
        let places = self.replica.facts().concurrency.max(1);
        self.running < places || self.running < places + self.replica.ahead()
    }
}

/// A request that waits for a place.
pub(super) struct Waiting {
    pub(super) sender: oneshot::Sender<Lease>,
    pub(super) since: Instant,
}

/// The last start failed.
pub(super) struct Trouble {
    pub(super) message: String,
    /// When the next start is tried.
    pub(super) until: Instant,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) wanted: u32,
    pub(super) floor: u32,
    pub(super) most: u32,
    /// Most calls and waiting requests at a time since the scaler last looked.
    pub(super) greatest: usize,
    /// Whether anybody has wanted a replica: by a request, or by a warm floor.
    pub(super) asked: bool,
    pub(super) members: Vec<Member>,
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) slots: Vec<CancellationToken>,
    pub(super) starting: u32,
    pub(super) launches: u64,
    pub(super) trouble: Option<Trouble>,
    /// No new requests.
    pub(super) closed: bool,
    /// Not even those that were here when it closed.
    pub(super) over: bool,
}

impl State {
    pub(super) fn running(&self) -> usize {
        self.members.iter().map(|member| member.running).sum()
    }

    /// A place on the least busy replica, taken.
    pub(super) fn take(&mut self) -> Option<(u64, Arc<dyn Replica>)> {
        let member = self
            .members
            .iter_mut()
            .filter(|member| !member.retiring && member.has_place())
            .min_by_key(|member| member.running)?;
        member.running += 1;
        Some((member.number, Arc::clone(&member.replica)))
    }

    /// Gives a place back; nothing happens when the replica has been removed meanwhile.
    pub(super) fn give_back(&mut self, number: u64) {
        if let Some(member) = self
            .members
            .iter_mut()
            .find(|member| member.number == number)
        {
            member.running = member.running.saturating_sub(1);
        }
    }

    /// Forgets a replica; true when it was there.
    pub(super) fn forget(&mut self, number: u64) -> bool {
        let before = self.members.len();
        self.members.retain(|member| member.number != number);
        self.members.len() < before
    }

    /// Takes those out of the queue who do not wait any more.
    pub(super) fn leave(&mut self) {
        self.waiting.retain(|waiting| !waiting.sender.is_closed());
    }

    /// The first that still waits.
    pub(super) fn next_waiting(&mut self) -> Option<Waiting> {
        loop {
            let waiting = self.waiting.pop_front()?;
            if !waiting.sender.is_closed() {
                return Some(waiting);
            }
        }
    }
}
