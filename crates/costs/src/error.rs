//! What can go wrong with the ledger and what is asked of it, told so that somebody can act on it.

use std::path::{Path, PathBuf};

/// Why something of the ledger could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be read or written.
    #[error("`{path}`: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of the ledger is not what was written.
    #[error("`{path}` of the ledger is damaged: {what}; restore it or import its months again")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A file that shall be imported cannot be read as what it seems to be; nothing of it is kept.
    #[error("`{path}`{at} cannot be imported: {what}; nothing was changed", at = place(*.line))]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Counted from 1; unset when it concerns the whole file.
        line: Option<u64>,
        /// What is wrong.
        what: String,
    },
    /// A delivery would silently drop days that the ledger has.
    #[error(
        "`{issuer}` has charges of {month} from {held} in the ledger and this file covers only \
         {given}; give `--append` if it adds to them or `--replace` if it corrects them"
    )]
    Shrinks {
        /// Whose bill.
        issuer: String,
        /// Which billing month.
        month: String,
        /// The days the ledger covers.
        held: String,
        /// The days the delivery covers.
        given: String,
    },
    /// Another process is changing the ledger.
    #[error(
        "the ledger in `{path}` is being changed by another process; try again when it is done"
    )]
    Busy {
        /// The ledger's folder.
        path: PathBuf,
    },
    /// A question has more groups than memory is granted for.
    #[error("the question has more than {most} groups; filter it or group by less")]
    TooManyGroups {
        /// How many are allowed.
        most: usize,
    },
    /// Amounts of several currencies would have been added.
    #[error("the lines are in {currencies}; ask for one of them with `--currency`")]
    Currencies {
        /// Their codes.
        currencies: String,
    },
    /// A sum does not fit.
    #[error("a sum of `{what}` does not fit into 38 decimal digits")]
    Overflow {
        /// Of which metric.
        what: String,
    },
    /// What was asked makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The sums read back from the ledger are not those of the file.
    #[error("`{path}` did not reconcile: {what}; nothing was changed")]
    Unreconciled {
        /// Which file.
        path: PathBuf,
        /// Which sums differ.
        what: String,
    },
}

fn place(line: Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(", line {line},"))
}

impl Error {
    /// For `map_err` of file operations.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// A damaged file of the ledger.
    pub(crate) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what: what.into(),
        }
    }

    /// A file that cannot be imported.
    pub(crate) fn unreadable(path: &Path, line: Option<u64>, what: impl Into<String>) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl From<Error> for domain::Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Io { .. } | Error::Damaged { .. } | Error::Overflow { .. } => {
                Self::internal(error.to_string())
            }
            Error::Busy { .. } => Self::conflict(error.to_string()),
            _ => Self::invalid(error.to_string()),
        }
    }
}
