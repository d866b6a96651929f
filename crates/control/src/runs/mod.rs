//! Runs of pipelines: what callers ask of them and how they are moved along.

mod activate;
mod cache;
mod commands;
mod deployments;
mod draft;
mod jobs;
mod queries;
mod registrations;
mod scope;
pub mod settle;

pub use commands::NewRun;
pub use queries::RunFilter;
