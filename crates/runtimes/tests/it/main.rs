//! User code really executed by real supervisors.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod ahead;
mod endings;
mod environments;
mod faults;
mod gangs;
mod limits;
mod running;
mod stopping;
mod support;
mod templates;
