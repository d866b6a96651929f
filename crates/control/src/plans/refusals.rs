//! What providers have refused for want of room, for as long as that says something.

use contracts::backend::BackendError;
use domain::job::Placement;
use domain::offer::Purchase;
use domain::{Span, Timestamp};
use planner::question::{Denied, Refusals};
use std::sync::{Mutex, PoisonError};

/// After this a refusal weighs next to nothing.
const FORGOTTEN: Span = Span::hours(48);
/// Most that are remembered; the oldest go first.
const MOST: usize = 1_000;

/// The refusals that this server has met. Another server, or this one after a restart, learns them
/// anew by being refused.
#[derive(Debug, Default)]
pub struct RefusalMemory(Mutex<Vec<Denied>>);

impl RefusalMemory {
    /// Remembers that a provider had no room for a placement.
    pub(crate) fn note(&self, at: &Placement, error: &BackendError, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.remove(0);
        }
        all.push(Denied {
            provider: at.provider.clone(),
            region: at.region.clone(),
            zone: None,
            machine: at.machine_type.clone(),
            purchase: Purchase::OnDemand,
            at: now,
            reason: error.message.clone(),
        });
    }

    /// Those that still say something.
    pub(crate) fn known(&self, now: Timestamp) -> Refusals {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|denied| now.since(denied.at) < FORGOTTEN);
        Refusals(all.clone())
    }

    /// Until when a placement is not asked for again, and what was said last.
    pub(crate) fn cooling(&self, at: &Placement, now: Timestamp) -> Option<(Timestamp, String)> {
        let offer = (&*at.provider, &*at.region, "", &*at.machine_type);
        let known = self.known(now);
        let (until, last) = known.cooling(offer, Purchase::OnDemand, now)?;
        Some((until, last.reason.clone()))
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
