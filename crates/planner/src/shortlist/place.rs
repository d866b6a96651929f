//! What is worth keeping at one place.

use super::Way;
use crate::ask::Candidate;

/// What is known of one place while scanning.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// Offers of different machine types that are kept for explanations.
    pub most: usize,
    pub front: Vec<Way>,
    /// Cheapest offers of different machines: cost, machine, offer, time.
    pub top: Vec<(i64, u32, Candidate, i64)>,
    /// Offers above this product of hourly price and billed time are too dear to be kept.
    pub dear: i64,
}

impl Place {
    /// Whether something known costs less than this product and takes no longer.
    pub(super) fn beats(&self, product: i64, time: i64) -> bool {
        let mut front = self.front.iter();
        front.any(|way| way.time <= time && way.cost.saturating_mul(3_600_000) < product)
    }

    /// Keeps a way unless something at the place is no worse in any respect.
    pub(super) fn note(&mut self, machine: u32, way: Way, timed: bool) {
        let entry = (way.cost, machine, way.candidate, way.time);
        match self.top.iter().position(|it| it.1 == machine) {
            Some(at) if self.top[at].0 <= way.cost => {}
            Some(at) => self.top[at] = entry,
            None => self.top.push(entry),
        }
        self.top.sort_by_key(|it| (it.0, it.3, it.2.row));
        self.top.truncate(self.most);
        if self.top.len() == self.most {
            // Price times time in micro-milliseconds an hour, so that no division is needed.
            self.dear = self.top[self.most - 1].0.saturating_mul(3_600_000);
        }
        let no_worse = |one: &Way, other: &Way| {
            one.cost <= other.cost
                && (if timed {
                    one.time <= other.time
                } else {
                    one.cost < other.cost || one.time <= other.time
                })
                && one.uses.iter().all(|(pool, units)| {
                    other
                        .uses
                        .iter()
                        .any(|(same, more)| same == pool && units <= more)
                })
        };
        if self.front.iter().any(|known| no_worse(known, &way)) {
            return;
        }
        self.front.retain(|known| !no_worse(&way, known));
        self.front.push(way);
    }
}
