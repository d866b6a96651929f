//! What can go wrong with a catalog.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

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
    /// Another refresh works on the same folder.
    #[error("another refresh holds `{path}`; wait until it is done")]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// No answer came.
    #[error("`{address}` cannot be reached: {reason}")]
    Unreachable {
        /// What was asked for.
        address: String,
        /// Why.
        reason: String,
    },
    /// The server answered with another status than success.
    #[error("`{address}` answered with status {status}")]
    Refused {
        /// What was asked for.
        address: String,
        /// HTTP status.
        status: u16,
        /// Seconds after which the server wants to be asked again.
        retry_after: Option<u64>,
    },
    /// An answer that is not whole or contradicts itself.
    #[error("the answer of `{address}` is broken: {reason}")]
    Broken {
        /// What was asked for.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// An answer beyond the limit.
    #[error("the answer of `{address}` is larger than the limit of {limit} bytes")]
    TooLarge {
        /// What was asked for.
        address: String,
        /// The limit.
        limit: u64,
    },
    /// A list that does not end.
    #[error("the list at `{address}` has more than {limit} pages")]
    TooManyPages {
        /// First address.
        address: String,
        /// The limit.
        limit: usize,
    },
    /// A list that leads to another server.
    #[error("`{address}` leads to `{to}`, which is another server; it is not followed")]
    Elsewhere {
        /// The list.
        address: String,
        /// Where it leads.
        to: String,
    },
    /// Too many prices jumped at once.
    #[error(
        "{jumped} of {compared} prices of `{provider}` are more than five times as high or low as \
         before; the list is refused and the earlier prices stay"
    )]
    Jumps {
        /// The provider.
        provider: &'static str,
        /// Prices that jumped.
        jumped: usize,
        /// Prices that could be compared.
        compared: usize,
    },
    /// Nothing usable came.
    #[error("`{provider}` lists no price of any machine that is known")]
    Nothing {
        /// The provider.
        provider: &'static str,
    },
}

impl Error {
    /// For `map_err` beside a path.
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }

    /// For a JSON text that cannot be read: serde knows the line.
    pub(crate) fn json(file: &str, error: &serde_json::Error) -> Self {
        let (file, line) = (file.to_owned(), error.line() as u64);
        Self::Line {
            file,
            line,
            reason: error.to_string(),
        }
    }

    /// Whether another attempt may succeed.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } => true,
            Self::Refused { status, .. } => matches!(status, 408 | 416 | 429 | 500..=599),
            _ => false,
        }
    }

    /// How long the server wants to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => retry_after.map(Duration::from_secs),
            _ => None,
        }
    }
}
