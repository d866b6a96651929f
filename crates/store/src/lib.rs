//! Where state is kept for real: [`Store`] implements [`contracts::store::Store`] and
//! [`contracts::telemetry::Telemetry`] over one SQLite file or one PostgreSQL database.
//!
//! Both run the same SQL text. Commits of all callers are gathered by one writer, decided in
//! memory against what they touch, and written as one durable transaction (group commit); on
//! PostgreSQL that transaction first locks the one counter of events, so that several servers
//! number their events in the order in which they become visible.

mod address;
mod fault;
mod leases;
mod migrate;
mod open;
mod prune;
mod queries;
mod remembered;
mod sql;
mod store;
mod telemetry;
mod wake;
mod writer;

pub use contracts::store::StoreError as Error;
pub use store::Store;
