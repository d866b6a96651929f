//! The words of Tradewind as plain data and rules: no async, no I/O, no provider names.
//!
//! Every other crate speaks these types; a foreign API is translated into them at the door and a
//! provider is asked in them at the other end.

pub mod audit;
mod checkpoints;
pub mod day;
pub mod disk;
pub mod endpoint;
pub mod environment;
pub mod execution;
pub mod expected;
pub mod expression;
pub mod foreign;
pub mod function;
pub mod gang;
pub mod id;
pub mod job;
pub mod lineage;
pub mod location;
pub mod metric;
pub mod model;
pub mod money;
pub mod nearest;
pub mod network;
pub mod offer;
pub mod pipe;
pub mod pipeline;
pub mod policy;
pub mod refusal;
pub mod region;
pub mod resources;
pub mod rollout;
pub mod share;
pub mod size;
pub mod time;
pub mod traffic;
pub mod transfer;
pub mod tuning;

pub use id::{
    EndpointName, FunctionName, JobId, ModelName, Name, RunId, StepPath, TicketId, Workspace,
};
pub use location::Location;
pub use money::Money;
pub use network::{Network, NetworkPolicy};
pub use refusal::Refusal;
pub use share::Share;
pub use size::ByteSize;
pub use time::{Span, Timestamp};
