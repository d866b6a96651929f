//! The real program, as a user and an attacker meet it: examples, faults, crashes, the API.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking and say what they saw"
)]

mod api;
mod asking;
mod command_line;
mod cost_actions;
mod cost_jobs;
mod costs;
mod crashes;
mod endpoints;
mod endpoints_confined;
mod examples;
mod faults;
mod front_door;
mod function_faults;
mod functions;
mod functions_confined;
mod functions_forms;
mod hostile;
mod kept;
mod objects;
mod rollouts;
mod several;
mod starting;
mod support;
