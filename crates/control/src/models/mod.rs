//! The registry: models, versions, aliases, approval.

mod commands;
mod queries;

pub use commands::NewVersion;
