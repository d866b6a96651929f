//! The seams of Tradewind: one narrow, object-safe trait a file; beside each its in-memory
//! reference and the conformance functions that every implementation is run against.

pub mod activities;
pub mod backend;
pub mod data_plane;
pub mod environments;
pub mod functions;
pub mod objects;
pub mod spending;
pub mod staging;
pub mod store;
pub mod telemetry;
pub mod world;
