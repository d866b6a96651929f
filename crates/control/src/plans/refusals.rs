//! What providers have refused for want of room, for as long as that says something.

use super::anew::{cooling, denied};
use contracts::backend::BackendError;
use domain::job::Placement;
use domain::{Span, Timestamp};
use planner::question::{Denied, Refusals};
use std::sync::{Mutex, PoisonError};

/// After this a refusal weighs next to nothing.
pub(super) const FORGOTTEN: Span = Span::hours(48);
/// Most that are remembered; the oldest go first.
const MOST: usize = 1_000;

/// The refusals that this process has met; those of others are rows (`denials`).
#[derive(Debug, Default)]
pub struct RefusalMemory(Mutex<Vec<Denied>>);

impl RefusalMemory {
    /// Remembers that a provider had no room for a placement.
    pub(crate) fn note(&self, at: &Placement, error: &BackendError, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push(denied(at, &error.message, now));
    }

    /// Those that still say something.
    pub(crate) fn known(&self, now: Timestamp) -> Refusals {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|denied| now.since(denied.at) < FORGOTTEN);
        Refusals(all.clone())
    }

    /// Until when a placement is not asked for again, and what was said last.
    pub(crate) fn cooling(&self, at: &Placement, now: Timestamp) -> Option<(Timestamp, String)> {
        cooling(&self.known(now), at, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::backend::Advice;
    use domain::Money;

    #[test]
    fn a_place_that_refused_is_left_alone_for_longer_each_time_and_others_are_not() {
        let memory = RefusalMemory::default();
        let at = |provider: &str| Placement {
            provider: provider.to_owned(),
            region: "here".to_owned(),
            machine_type: "this-machine".to_owned(),
            zone: None,
            purchase: None,
            hourly_price: Money::ZERO,
            plan: None,
        };
        let error = BackendError {
            message: "no room".to_owned(),
            advice: Advice::PlanElsewhere,
            source: None,
        };
        let start = Timestamp(1_000_000);
        assert_eq!(memory.cooling(&at("a"), start), None);
        memory.note(&at("a"), &error, start);
        let (first, said) = memory.cooling(&at("a"), start).unwrap();
        assert_eq!(said, "no room");
        assert_eq!(memory.cooling(&at("b"), start), None);
        assert_eq!(memory.cooling(&at("a"), first), None);
        memory.note(&at("a"), &error, first);
        let (second, _) = memory.cooling(&at("a"), first).unwrap();
        assert!(second.since(first) > first.since(start), "it doubles");
        let later = first + FORGOTTEN;
        assert!(memory.known(later).0.is_empty());
    }
}
