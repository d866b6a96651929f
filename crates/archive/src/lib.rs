//! Archives of code and model folders: how they are packed so that equal folders give equal
//! bytes, and how archives of unknown origin are unpacked without trusting anything in them.
//!
//! Packing is deterministic ([`pack`]): names sorted, times and owners zero, modes reduced to
//! 644 and 755. The digest it returns is over names and contents, not over the compressed bytes,
//! so a new compressor does not change what a step's cache key means; [`unpack`] returns the same
//! digest for the same content.
//!
//! Unpacking writes into a temporary folder beside the destination and renames it at the very
//! end, so a refused archive leaves nothing.

mod digest;
mod error;
mod ignore;
mod limits;
mod links;
mod name;
mod pack;
mod unpack;

pub use digest::Digest;
pub use error::{Breach, Error};
pub use ignore::{IGNORE_FILE, Rules};
pub use limits::Limits;
pub use pack::{Packed, fingerprint, pack};
pub use unpack::{Unpacked, unpack};
