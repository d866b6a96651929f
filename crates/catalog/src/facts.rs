//! What is known beside prices: accelerators, regions, managed services, disks, transfer.
//!
//! Each is a small table in `data/`, one line a fact, with its source; to know more is to add a
//! line.

mod accelerators;
mod disks;
mod regions;
mod services;
mod transfer;

use domain::Money;
use domain::day::Day;
use domain::offer::Exactness;

pub use accelerators::{AcceleratorFacts, Accelerators, UnknownAccelerator};
pub use disks::disks;
pub use regions::regions;
pub use services::{Markup, Markups};
pub use transfer::transfer;

/// The texts of all tables, for the catalog's hash.
pub(crate) const TABLES: [&str; 5] = [
    accelerators::TABLE,
    disks::TABLE,
    regions::TABLE,
    services::TABLE,
    transfer::TABLE,
];

fn exactness(text: &str) -> Option<Exactness> {
    match text {
        "exact" => Some(Exactness::Exact),
        "estimated" => Some(Exactness::Estimated),
        _ => None,
    }
}

fn day(text: &str) -> Option<Day> {
    text.parse().ok()
}

/// Zero is a price here: the first gigabytes of a month are free.
fn dollars(text: &str) -> Option<Money> {
    Money::parse(text)
}
