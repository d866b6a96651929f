//! Greedy of "Can't Be Late" (NSDI 2024): spot while there is any, else wait until the deadline
//! forces on-demand.

use super::super::situation::{Action, Situation};
use super::Policy;

/// Spot or nothing, until the safety net.
#[derive(Debug, Clone, Copy, Default)]
pub struct Greedy;

impl Policy for Greedy {
    fn decide(&mut self, situation: &Situation<'_>) -> Action {
        let wish = situation
            .cheapest_spot()
            .map_or(Action::Wait, |zone| Action::Spot { zone });
        situation.guard(wish)
    }
}
