//! The store on real databases: the whole contract on the in-memory reference, on SQLite and on
//! PostgreSQL, and what only a real database can suffer.

#![expect(
    clippy::unwrap_used,
    reason = "tests fail by panicking, their helpers too"
)]

mod conformance;
mod crash;
mod disk;
mod encrypted;
mod forgetting;
mod leases;
mod postgres;
mod remembered;
mod sqlite;
mod support;
