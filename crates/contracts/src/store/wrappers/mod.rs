//! Stores around a store: [`Retry`] tries again what failed for a moment, [`Meter`] counts and
//! times, [`Faults`] fails on purpose. Each keeps the contract of what it wraps.

mod faults;
mod meter;
mod retry;

pub use faults::{Fate, Faults, Schedule};
pub use meter::{Meter, Reading, Stopwatch};
pub use retry::{Patience, Retry};

#[cfg(test)]
mod tests;
