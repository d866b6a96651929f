//! Every cent known: the ledger, its analysis, budgets, forecasts and advice.

pub mod allocation;
pub mod amount;
pub mod anomalies;
pub mod budgets;
mod error;
pub mod export;
pub mod focus;
pub mod forecast;
pub mod import;
pub mod instant;
pub mod ledger;
mod lines;
pub mod metering;
mod parts;
pub mod query;
mod row;
pub mod rules;
mod segment;
pub mod series;
pub mod use_cases;

pub use amount::Amount;
pub use error::Error;
pub use ledger::Ledger;
