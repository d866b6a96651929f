//! What can go wrong with a catalog.

use std::io;
use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is not a whole, unchanged catalog.
    #[error("the catalog is damaged at byte {at}: {reason}")]
    Damaged {
        /// Position in the inflated body; zero for the file as a whole.
        at: usize,
        /// What is wrong.
        reason: String,
    },
    /// The file has a form of another version.
    #[error("the catalog has form {found}, this program reads form {known}; refresh it")]
    Version {
        /// The version in the file.
        found: u8,
        /// The version that is understood.
        known: u8,
    },
    /// The file could not be deflated.
    #[error("the catalog could not be compressed")]
    Deflate(#[source] io::Error),
    /// A table of facts or a price list has a line that cannot be read.
    #[error("`{file}`, line {line}: {reason}")]
    Line {
        /// Name of the file.
        file: String,
        /// Line, from one.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// Offers that cannot form a table.
    #[error("the offers do not form a table")]
    Table(#[from] domain::offer::TableError),
    /// A file could not be read or written.
    #[error("cannot {action} `{path}`")]
    File {
        /// What was attempted.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}
