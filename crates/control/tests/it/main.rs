//! The control plane on one thread with a clock of its own: seeded faults, crashes at every seam,
//! two servers, and invariants after every step.

mod backend;
mod fuse;
mod laws;
mod scenario;
mod seams;
mod simulation;
mod store;
