//! On-demand from start to end: the price that all others are measured against.

use super::super::situation::{Action, Situation};
use super::Policy;

/// Never uses spot.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnDemand;

impl Policy for OnDemand {
    fn decide(&mut self, situation: &Situation<'_>) -> Action {
        Action::OnDemand {
            zone: situation.best_on_demand(),
        }
    }
}
