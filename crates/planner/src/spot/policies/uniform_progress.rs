//! Uniform Progress of "Can't Be Late" (NSDI 2024), section 4: keep to the straight line from the
//! start to the deadline.
//!
//! With work C, deadline R and progress cp, the expected progress is ep(t) = t·C/R. Idle and
//! behind the line: on-demand. Spot is taken whenever it can be had and held. On on-demand: stay
//! until cp ≥ ep(t + 2d).

use super::super::situation::{Action, Running, Situation};
use super::Policy;

/// What a job on an on-demand machine does when spot comes back before cp ≥ ep(t + 2d).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hold {
    /// Stays on demand: the rule as written.
    #[default]
    UntilAhead,
    /// Moves to spot at once: a reading under which "whenever available" comes first.
    WhileNoSpot,
}

/// The paper's policy, parameter-free but for the reading of one rule.
#[derive(Debug, Clone, Copy, Default)]
pub struct UniformProgress {
    /// When to leave on-demand.
    pub hold: Hold,
}

impl Policy for UniformProgress {
    fn decide(&mut self, situation: &Situation<'_>) -> Action {
        situation.guard(self.wish(situation))
    }
}

impl UniformProgress {
    fn wish(self, situation: &Situation<'_>) -> Action {
        let elapsed = situation.elapsed().0;
        let spot = situation.cheapest_spot();
        if let Running::OnDemand { zone, .. } = situation.running {
            let ahead = reaches_line(situation, elapsed + 2 * situation.job.changeover.0);
            let leaves = self.hold == Hold::WhileNoSpot && spot.is_some();
            if !ahead && !leaves {
                return Action::OnDemand { zone };
            }
        }
        if let Some(zone) = spot {
            return Action::Spot { zone };
        }
        if reaches_line(situation, elapsed) {
            Action::Wait
        } else {
            Action::OnDemand {
                zone: situation.best_on_demand(),
            }
        }
    }
}

/// Whether cp ≥ ep(at), in integers.
fn reaches_line(situation: &Situation<'_>, at: i64) -> bool {
    let job = situation.job;
    let progress = i128::from(job.work.0 - situation.work_left.0);
    progress * i128::from(job.deadline.0) >= i128::from(at) * i128::from(job.work.0)
}
