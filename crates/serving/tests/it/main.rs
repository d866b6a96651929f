//! The data plane with real Python processes, and its routing with replicas in memory.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on shall fail; clippy's exemption does not reach helper functions"
)]

mod batching;
mod canary;
mod codecs;
mod faults;
mod forest;
mod forking;
mod handlers;
mod lifecycle;
mod loading;
mod monitoring;
mod native;
mod oip;
mod plane;
mod protocol_abuse;
mod rollout;
mod routing;
mod same_results;
mod scaling;
mod scikit_learn;
mod sleeping;
mod support;
mod tracing;
mod trouble;
