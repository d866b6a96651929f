//! Every cent known: the ledger, its analysis, budgets, forecasts and advice.

pub mod amount;
mod error;
pub mod export;
pub mod focus;
pub mod import;
pub mod instant;
pub mod ledger;
mod lines;
mod parts;
pub mod query;
mod row;
mod segment;

pub use amount::Amount;
pub use error::Error;
pub use ledger::Ledger;
