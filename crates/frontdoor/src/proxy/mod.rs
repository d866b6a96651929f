//! What becomes of requests for other hosts: they are carried through, or refused, by setting and
//! by who asks.

mod dial;
mod forward;
mod policy;
mod refused;
mod target;
mod tunnel;
mod upstream;

pub use policy::{Asker, OtherHosts, Policy, Settings};
pub use refused::Refused;
pub use target::Target;
pub use upstream::{NotAProxy, Upstream};

pub(crate) use dial::Way;
pub(crate) use forward::{forward, origin_form};
pub(crate) use tunnel::tunnel;
