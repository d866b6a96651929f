//! What answers calls of functions on one server: versions made ready, instances that are started
//! when calls come and ended when none do, and the three clouds' forms of calling.
//!
//! An instance answers one call at a time. The embedded Python worker of `serving` is one kind
//! (forked from a template where that is safe); a program that speaks Lambda's Runtime API is the
//! other. Everything between (pools, time limits, logs, shapes of events and errors) does not know
//! which it is.

mod call;
mod config;
mod folders;
pub mod http_events;
mod instance;
mod launch;
mod lender;
mod log;
mod packages;
mod passages;
mod payload;
mod plane;
mod pool;
mod preparation;
mod report;
mod runtime_api;
mod variables;
mod walls;
mod worker;

pub use config::Config;
pub use lender::Lender;
pub use passages::is_confined;
pub use plane::FunctionPlane;
pub use walls::{EndpointWalls, WallSettings};
