//! Runs of pipelines: what callers ask of them and how they are moved along.

mod activate;
mod begun;
mod cache;
mod commands;
mod deployments;
mod draft;
mod ended;
mod jobs;
mod kept;
mod queries;
mod registrations;
mod scope;
pub mod settle;

pub use commands::NewRun;
pub use kept::{KnownRuns, run_in};
pub use queries::RunFilter;
