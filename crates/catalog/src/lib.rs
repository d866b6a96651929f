//! What can be had, where, and for how much: the price catalog of the clouds.
//!
//! The program carries about a hundred thousand offers in a compact file of its own form and loads
//! them in milliseconds without the network. Every figure names its source and day; figures that
//! cannot be right are quarantined with a reason and never planned on.

mod catalog;
mod codec;
pub mod diff;
mod error;
pub mod facts;
pub mod import;
pub mod plausibility;
pub mod refresh;
pub mod show;

pub use catalog::{Catalog, Prices, TransferPair};
pub use codec::{decode, encode};
pub use error::Error;
