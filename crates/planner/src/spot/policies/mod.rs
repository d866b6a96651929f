//! Policies that choose between waiting, spot and on-demand, one a file.
//!
//! Each is a pure function of the situations it was shown, in order. Every action goes through
//! `Situation::guard`, so none of them can miss a deadline that could be met at the start.

mod greedy;
mod omniscient;
mod on_demand;
mod survival;
mod uniform_progress;

pub use greedy::Greedy;
pub use omniscient::omniscient;
pub use on_demand::OnDemand;
pub use survival::Survival;
pub use uniform_progress::{Hold, UniformProgress};

use super::situation::{Action, Situation};

/// Decides what to have until the next decision.
pub trait Policy {
    /// The action for this situation. Called once for each decision of one job, in order.
    fn decide(&mut self, situation: &Situation<'_>) -> Action;
}
