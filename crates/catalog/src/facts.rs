//! What is known beside prices: accelerators, regions, managed services, disks, transfer.
//!
//! Each is a small table in `data/`, one line a fact, with its source; to know more is to add a
//! line.

mod accelerators;

pub use accelerators::{AcceleratorFacts, Accelerators, UnknownAccelerator};
