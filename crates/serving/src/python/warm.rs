//! Templates of deployments that sleep, kept while there is memory for them: those that fell asleep
//! last stay, within a budget of the memory that they have for themselves; when the machine runs
//! short of memory, they go. A deployment of a single replica, which does without a template while it
//! is awake, gets one as it falls asleep, where there is room or it was woken before.

use super::fork::{Entry, Shared, Templates};
use super::template::Start;
use crate::memory_of::{Machine, machine, own};
use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// What a template is taken to need before one was measured.
const USUAL: u64 = 16 << 20;
/// The part of the machine's memory that is to stay available to others.
const RESERVE: u64 = 10;
/// Pause between two looks at the machine's memory while something is kept.
const LOOK: Duration = Duration::from_secs(5);

/// The budget.
pub(super) struct Warmth {
    bytes: u64,
    clock: AtomicU64,
    watched: AtomicBool,
}

/// A deployment that sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Resting {
    /// A number that grows with time.
    pub(super) since: u64,
    /// The memory that its template has for itself, once that was measured.
    bytes: Option<u64>,
}

impl Warmth {
    pub(super) fn new(bytes: u64) -> Self {
        Self {
            bytes,
            clock: AtomicU64::new(0),
            watched: AtomicBool::new(false),
        }
    }

    /// For a deployment that falls asleep now; none where nothing is kept.
    pub(super) fn rests(&self) -> Option<Resting> {
        (self.bytes > 0).then(|| Resting {
            since: self.clock.fetch_add(1, Relaxed),
            bytes: None,
        })
    }
}

impl Shared {
    /// Keeps the template of a deployment that has fallen asleep, or makes one, if memory allows.
    pub(super) async fn keep(self: Arc<Self>, address: usize, entry: Entry, since: u64) {
        if entry.start.get().is_none() && !self.is_worth_it(&entry) {
            return;
        }
        let made = entry
            .start
            .get_or_try_init(|| self.begin(&entry, &entry.order))
            .await;
        let process = match made {
            Ok(Start::Ready(template)) => template.process(),
            // The next launch says what there is to say.
            Ok(Start::Unfit(_)) | Err(_) => return,
        };
        let measured = spawn_blocking(move || own(process)).await;
        let bytes = measured.ok().flatten();
        let mut templates = self.templates();
        let Some(present) = templates.get_mut(&address) else {
            return;
        };
        let Some(resting) = present.resting.as_mut() else {
            return;
        };
        if resting.since != since {
            return;
        }
        resting.bytes = bytes;
        if bytes.is_none() {
            present.cool();
            return;
        }
        cool_beyond(&mut templates, self.warmth.bytes);
        drop(templates);
        if !self.warmth.watched.swap(true, Relaxed) {
            tokio::spawn(watch(Arc::downgrade(&self)));
        }
    }

    /// Whether a template is made for a deployment that has none.
    fn is_worth_it(&self, entry: &Entry) -> bool {
        if machine().is_some_and(|machine| missing(machine) > 0) {
            return false;
        }
        let templates = self.templates();
        let sizes = templates.values().filter_map(Entry::kept);
        let (used, each) = sizes.fold((0, 0), |(used, each), (_, bytes)| {
            (used + bytes, bytes.max(each))
        });
        let each = if each == 0 { USUAL } else { each };
        // Its first launch was only to see whether it starts.
        entry.launches > 1 || used + each <= self.warmth.bytes
    }
}

impl Entry {
    /// Since when its template is kept, and of what size it is.
    fn kept(&self) -> Option<(u64, u64)> {
        let resting = self.resting?;
        Some((resting.since, resting.bytes?))
    }

    fn cool(&mut self) {
        self.start = Arc::default();
        self.resting = None;
    }
}

/// Lets go of templates so that the rest takes no more than so many bytes: those stay that fell asleep
/// last.
fn cool_beyond(templates: &mut Templates, most: u64) {
    let kept = templates.iter();
    let kept = kept.filter_map(|(address, entry)| Some((*address, entry.kept()?)));
    let mut kept: Vec<(usize, (u64, u64))> = kept.collect();
    kept.sort_unstable_by_key(|(_, (since, _))| Reverse(*since));
    let mut used = 0_u64;
    for (address, (_, bytes)) in kept {
        if used.saturating_add(bytes) <= most {
            used += bytes;
        } else if let Some(entry) = templates.get_mut(&address) {
            entry.cool();
        }
    }
}

/// Bytes that the machine's available memory is short of the reserve.
fn missing(machine: Machine) -> u64 {
    (machine.total / RESERVE).saturating_sub(machine.available)
}

/// Gives memory back while others need it, until nothing is kept.
async fn watch(shared: std::sync::Weak<Shared>) {
    loop {
        sleep(LOOK).await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let missing = machine().map_or(0, missing);
        let mut templates = shared.templates();
        let used: u64 = templates
            .values()
            .filter_map(Entry::kept)
            .map(|(_, bytes)| bytes)
            .sum();
        if missing > 0 {
            tracing::info!(missing, "memory runs short: templates of what sleeps end");
            cool_beyond(&mut templates, used.saturating_sub(missing));
        }
        if used == 0 {
            // Whoever is kept next begins to watch again.
            shared.warmth.watched.store(false, Relaxed);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_missing_below_a_tenth_of_the_machine() {
        let machine = |available| Machine {
            total: 1_000,
            available,
        };
        assert_eq!(missing(machine(500)), 0);
        assert_eq!(missing(machine(100)), 0);
        assert_eq!(missing(machine(30)), 70);
    }

    #[test]
    fn without_a_budget_nothing_rests_and_with_one_later_numbers_are_greater() {
        assert_eq!(Warmth::new(0).rests(), None);
        let warmth = Warmth::new(1);
        let first = warmth.rests().map(|resting| resting.since);
        assert!(first < warmth.rests().map(|resting| resting.since));
    }
}
