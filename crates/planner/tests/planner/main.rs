//! The planner as its callers see it: small markets made by hand, and the embedded catalog.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod support;

mod catalog;
mod estimates;
mod explanations;
mod kept;
mod limits;
mod questions;
mod rules;
mod smallest;
mod unplaceable;
