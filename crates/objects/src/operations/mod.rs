//! One operation on objects a file.

mod copy;
mod delete;
mod describe;
mod fold;
mod get;
mod list;
mod list_versions;
mod put;

pub use copy::Copy;
pub use delete::Deleted;
pub use describe::{Redescribe, Relock, Tags, check_tags};
pub(crate) use fold::{Entry, Fold};
pub use get::{Contents, Get};
pub use list_versions::VersionListing;
pub use put::Put;
pub(crate) use put::check_description;
