//! The control plane on one thread with a clock of its own: seeded faults, crashes at every seam,
//! two servers, and invariants after every step.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail so"
)]

mod backend;
mod canaries;
mod decisions;
mod dialect;
mod executions;
mod fuse;
mod fused;
mod house;
mod laws;
mod mutations;
mod placement;
mod races;
mod runs;
mod scenario;
mod seams;
mod simulation;
mod store;
mod tuning;
