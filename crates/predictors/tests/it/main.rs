//! Predictors through their forms alone, without Python.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on shall fail; clippy's exemption does not reach helper functions"
)]

mod hostile;
mod models;
mod support;
