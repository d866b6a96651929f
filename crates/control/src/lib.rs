//! What Tradewind decides: commands that change state, queries that read it, and reconcilers that
//! move every resource towards what was asked for.
//!
//! A command writes what is wanted. A reconciler's activation claims a row, observes, decides by
//! a pure function, commits, and acts, in this order; see `docs/architecture.md` for the life of
//! one job.

pub mod access;
pub mod activities;
pub mod audit;
pub mod context;
pub mod documents;
pub mod driver;
pub mod endpoints;
pub mod error;
pub mod executions;
pub mod functions;
pub mod jobs;
pub mod models;
pub mod plans;
pub mod rows;
pub mod runs;
pub mod sweep;
pub mod transact;
pub mod tuning;

pub use access::Caller;
pub use context::Control;
pub use error::Error;
