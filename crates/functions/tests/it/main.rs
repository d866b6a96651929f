//! Functions with an interpreter that has no packages, and programs that speak the Runtime API.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail so")]

mod aws;
mod http;
mod runtime_api;
mod support;
mod trouble;
