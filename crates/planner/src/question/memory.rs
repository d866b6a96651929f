//! What providers have refused, and how long that is held against an offer.
//!
//! A refusal for want of capacity or quota bars the offer for a cool-down that doubles with each
//! further refusal and whose weight halves with time, so that a single refusal is soon forgotten
//! and a place that keeps refusing is left alone for longer.

use domain::offer::Purchase;
use domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// The weight of a refusal halves in this time.
pub const COOLDOWN_HALF_LIFE: Span = Span::hours(2);

/// Cool-down after one fresh refusal.
const FIRST: i64 = 10 * 60 * 1000;
/// No cool-down is longer than this.
const LONGEST: i64 = 24 * 3_600_000;

/// One refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    /// Provider that refused.
    pub provider: String,
    /// Region.
    pub region: String,
    /// Zone; unset when the whole region was asked.
    #[serde(default)]
    pub zone: Option<String>,
    /// Machine type.
    pub machine: String,
    /// How it was to be bought.
    pub purchase: Purchase,
    /// When.
    pub at: Timestamp,
    /// What was said.
    pub reason: String,
}

/// All refusals that are remembered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Refusals(pub Vec<Denied>);

impl Refusals {
    /// Until when an offer is left alone, and the last refusal that says so; `None` when it may
    /// be asked at `now`.
    pub fn cooling(
        &self,
        offer: (&str, &str, &str, &str),
        purchase: Purchase,
        now: Timestamp,
    ) -> Option<(Timestamp, &Denied)> {
        let (provider, region, zone, machine) = offer;
        let mut weight = 0_i64;
        let mut last: Option<&Denied> = None;
        for denied in &self.0 {
            let same = denied.provider == provider
                && denied.region == region
                && denied.machine == machine
                && denied.purchase == purchase
                && denied
                    .zone
                    .as_deref()
                    .is_none_or(|it| zone.is_empty() || it == zone);
            if !same || denied.at > now {
                continue;
            }
            weight += halved(now.since(denied.at));
            if last.is_none_or(|known| denied.at > known.at) {
                last = Some(denied);
            }
        }
        let last = last?;
        // One fresh refusal weighs 1,000; each further one doubles the cool-down.
        let mut cool = FIRST;
        let mut rest = weight;
        while rest > 1_000 && cool < LONGEST {
            cool *= 2;
            rest -= 1_000;
        }
        let until = last.at + Span(cool.min(LONGEST));
        (until > now).then_some((until, last))
    }
}

/// A thousand, halved once for each half-life and linearly in between.
fn halved(age: Span) -> i64 {
    let whole = age.0 / COOLDOWN_HALF_LIFE.0;
    if whole > 20 {
        return 0;
    }
    let part = age.0 % COOLDOWN_HALF_LIFE.0;
    let start = 1_000 >> whole;
    start - start * part / COOLDOWN_HALF_LIFE.0 / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(at: i64) -> Denied {
        Denied {
            provider: "aws".into(),
            region: "r".into(),
            zone: None,
            machine: "m".into(),
            purchase: Purchase::Spot,
            at: Timestamp(at),
            reason: "no capacity".into(),
        }
    }

    fn cooling(memory: &Refusals, now: i64) -> Option<i64> {
        let offer = ("aws", "r", "z", "m");
        memory
            .cooling(offer, Purchase::Spot, Timestamp(now))
            .map(|(until, _)| until.0)
    }

    #[test]
    fn one_refusal_is_forgotten_after_ten_minutes() {
        let memory = Refusals(vec![denied(0)]);
        assert_eq!(cooling(&memory, 1), Some(FIRST));
        assert_eq!(cooling(&memory, FIRST), None);
        let other = memory.cooling(("aws", "r", "z", "m"), Purchase::OnDemand, Timestamp(1));
        assert_eq!(other, None);
    }

    #[test]
    fn refusals_in_a_row_double_and_old_ones_fade() {
        let memory = Refusals(vec![denied(0), denied(1), denied(2)]);
        assert_eq!(cooling(&memory, 3), Some(2 + 4 * FIRST));
        let day = 24 * 3_600_000;
        let memory = Refusals(vec![denied(0), denied(1), denied(day)]);
        assert_eq!(cooling(&memory, day + 1), Some(day + FIRST));
        let memory = Refusals(vec![denied(day)]);
        assert_eq!(
            cooling(&memory, 5),
            None,
            "a refusal of the future says nothing"
        );
    }
}
