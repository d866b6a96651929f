//! Jobs: what callers ask of them and how they are moved along.

mod activate;
mod check;
pub mod checkpoints;
mod collect;
mod commands;
pub mod decide;
mod deliver;
mod logs;
mod place;
mod queries;
mod retry;
mod used;

pub(crate) use activate::{is_stale, transition};
pub(crate) use check::check;
pub use commands::NewJob;
pub(crate) use place::Place;
pub use queries::JobFilter;
