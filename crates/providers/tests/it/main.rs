//! This machine as a provider, with real supervisors.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod local;
mod server;
mod spares;
