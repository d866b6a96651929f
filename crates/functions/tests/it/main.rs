//! Functions with an interpreter that has no packages, functions with the clouds' own packages, and
//! programs that speak the Runtime API.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail so")]

mod aws;
mod azure;
mod google;
mod http;
mod runtime_api;
mod support;
mod trouble;
