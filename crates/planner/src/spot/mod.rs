//! Spot machines under a deadline: the least cost without ever being late.
//!
//! A job that can continue from checkpoints may wait, use spot in one of several zones, or pay for
//! on-demand. [`recommend`] decides for a running job from its progress, the time left and the
//! availability seen so far; the rest of the module is the same policy under test: recorded
//! availability (`trace`), a simulator with exact accounting (`simulate`), the published policies
//! and the omniscient optimum beside our own (`policies`).
//!
//! Reference: Wu et al., "Can't Be Late: Optimizing Spot Instance Savings under Deadlines",
//! NSDI 2024.

mod choice;
mod error;
mod forecast;
mod lifetimes;
mod market;
mod outlook;
pub mod policies;
mod rhythm;
mod simulate;
mod situation;
#[cfg(test)]
mod tests;
mod trace;

pub use error::Error;
pub use lifetimes::{Class, Lifetimes, Rates};
pub use market::{Job, Market, RegionMove, Zone};
pub use simulate::{Cost, Outcome, World, simulate};
pub use situation::{Action, History, Interruptions, Running, Situation};
pub use trace::Trace;

use policies::Policy;

/// What a running job should have until the next decision.
///
/// A pure function: the same situation gives the same action on every machine. The action never
/// endangers a deadline that can still be met on demand; when none can, it is on-demand at once.
/// One call takes tens of milliseconds in a release build, a new value iteration each time.
///
/// Refuses situations that contradict themselves: prices or durations out of range, zones without
/// history, histories of unequal length.
pub fn recommend(situation: &Situation<'_>) -> Result<Action, Error> {
    situation.check()?;
    Ok(policies::Survival::default().decide(situation))
}
