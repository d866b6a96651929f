//! The front door for programs whose SDK reaches a cloud at names that no setting changes: a local
//! certificate authority, and a listener that is API and forward proxy at once and answers for the
//! clouds' own host names.
//!
//! A program is sent here by variables alone ([`environment`]): the proxy's address, and a bundle
//! of certificates ([`bundle`]) that has the local [`authority`] beside the system's. The
//! [`listener`] takes `CONNECT` and absolute requests for the hosts that [`names`] lists as served,
//! speaks TLS there, and hands the requests to the same router as the plain ones, with
//! [`DialledHost`] beside them. Every other host is reached through a tunnel, or refused
//! ([`proxy::Policy`]).

pub mod authority;
pub mod bundle;
pub mod environment;
mod error;
pub mod listener;
pub mod names;
pub mod proxy;

pub use authority::Authority;
pub use error::Error;
pub use listener::FrontDoor;

/// The host that a program meant to reach, as an extension of its request: lower case, without a
/// port. It is there only when the request came through the proxy for a served host, so it cannot
/// be forged by a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialledHost(pub String);

/// That a request came inside of TLS, as an extension beside it; its peer's address stands in
/// axum's `ConnectInfo`. Conditions of policies ask for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encrypted;
