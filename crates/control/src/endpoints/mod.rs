//! Endpoints: what callers ask of them, and how rows and data planes follow each other.

mod activate;
mod arriving;
mod canaries;
mod commands;
mod follow;
pub(crate) mod logs;
mod queries;

pub(crate) use commands::changed;
