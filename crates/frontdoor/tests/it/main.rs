//! The front door as its clients meet it: real TLS, real sockets, hostile and slow ones too.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests fail by panicking and say what they saw"
)]

mod anything;
mod authority;
mod other_hosts;
mod programs;
mod served_hosts;
mod slow;
mod support;
