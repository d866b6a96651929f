//! The planner: the provably best place for every workload, with reasons, offline.
//!
//! A [`Question`] over a [`Market`] has one answer, a [`Plan`], or an [`Unplaceable`] that says
//! what would have to give way. Planning is pure and synchronous: no clock, no file, no random
//! number, money in integers; the same question has the same plan on every machine.

mod answer;
mod ask;
mod compose;
mod error;
mod estimate;
mod explain;
mod filters;
mod front;
pub mod market;
pub mod pipeline;
mod plan;
mod pools;
pub mod question;
mod relax;
mod replay;
mod search;
mod shortlist;
mod solve;
pub mod spot;
mod unplaceable;

pub use answer::plan;
pub use error::{Error, Thing};
pub use market::Market;
pub use plan::{
    Basis, Chosen, Estimate, Front, Moved, Payment, Placed, Plan, Point, PriceUsed, Proof,
    Rejected, RunnerUp,
};
pub use question::{Link, Objective, Question, Workload};
pub use relax::{Constraint, WayOut};
pub use replay::{Replay, replay};
pub use unplaceable::{Blocked, Constrained, Unplaceable};
