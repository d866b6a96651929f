//! The planner: the provably best place for every workload, with reasons, offline.
//!
//! A [`Question`] over a [`Market`] has one answer, a [`Plan`], or an [`Unplaceable`] that says
//! what would have to give way. Planning is pure and synchronous: no clock, no file, no random
//! number, money in integers; the same question has the same plan on every machine.

mod error;
pub mod market;
pub mod question;
mod search;

pub use error::{Error, Thing};
pub use market::Market;
pub use question::{Link, Objective, Question, Workload};
