//! The embedded object store from outside.

mod conditions;
mod conformance;
mod damage;
mod encryption;
mod faults;
mod listing;
mod multipart;
mod resolve;
mod setting;
mod sweep;
mod versions;
mod watched;
