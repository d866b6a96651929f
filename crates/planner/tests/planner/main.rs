//! The planner as its callers see it: small markets made by hand, and the embedded catalog.

mod support;

mod catalog;
mod estimates;
mod explanations;
mod limits;
mod questions;
mod rules;
mod unplaceable;
