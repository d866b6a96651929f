//! Jobs: what callers ask of them and how they are moved along.

mod activate;
mod collect;
mod commands;
pub mod decide;
mod logs;
mod place;
mod queries;

pub(crate) use activate::is_stale;
pub use commands::NewJob;
pub(crate) use commands::check;
pub use queries::JobFilter;
