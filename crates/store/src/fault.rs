//! What a database's error means for the caller: one paragraph that says what to do. The error
//! itself goes along as the source, for the log.
//!
//! Codes: <https://www.sqlite.org/rescode.html> and appendix A of PostgreSQL's manual.

use contracts::store::StoreError;
use sqlx::Error;
use std::fmt;
use std::sync::Arc;

/// Which database it is, and how it is called towards people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The file's path.
    Sqlite(String),
    /// `database` at `host`.
    Postgres { database: String, host: String },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "the database `{path}`"),
            Self::Postgres { database, host } => {
                write!(f, "the PostgreSQL database `{database}` at `{host}`")
            }
        }
    }
}

impl Place {
    /// The caller's view of an error that happened while `doing` something.
    pub(crate) fn fault(&self, doing: &str, error: Error) -> StoreError {
        self.shared_fault(doing, &Arc::new(error))
    }

    /// The same for an error that several callers are told of.
    pub(crate) fn shared_fault(&self, doing: &str, error: &Arc<Error>) -> StoreError {
        let code = code(error);
        tracing::warn!(place = %self, doing, code, error = %error, "database error");
        let fault = match (self, code.parse::<u32>()) {
            (Self::Sqlite(_), Ok(number)) => self.sqlite(number & 0xff),
            (Self::Postgres { .. }, _) if !code.is_empty() => self.postgres(&code),
            _ => self.driver(error),
        };
        fault.unwrap_or_else(|| StoreError::Unavailable {
            message: format!("{self} failed while {doing}: {error}"),
            source: Some(Box::new(Arc::clone(error))),
        })
    }

    fn sqlite(&self, primary: u32) -> Option<StoreError> {
        Some(match primary {
            8 | 3 | 23 => self.unwritable(),
            13 => self.full(),
            14 => StoreError::Full(format!(
                "{self} cannot be opened or created; check that its folder exists and that this \
                 user may write there, or choose another data folder"
            )),
            11 | 26 => self.damaged(),
            5 | 6 => unavailable(format!(
                "{self} is locked by another process; stop the other server that uses it, or \
                 let several servers share a PostgreSQL database instead"
            )),
            10 => unavailable(format!(
                "the disk of {self} reports an error; look into the system's log and check the \
                 disk's health and free space"
            )),
            1 => self.strange(),
            _ => return None,
        })
    }

    fn postgres(&self, code: &str) -> Option<StoreError> {
        Some(match code {
            "28000" => unavailable(format!(
                "{self} refuses the user as it connects; correct user and password in the \
                 database's URL, or its `sslmode` where the server demands encryption"
            )),
            "28P01" => unavailable(format!(
                "{self} refuses the user or the password; correct them in the database's URL"
            )),
            "3D000" => unavailable(format!(
                "{self} does not exist; create it with `createdb`, or correct the URL"
            )),
            "53100" => self.full(),
            "25006" => self.unwritable(),
            "42501" => StoreError::Full(format!(
                "{self} does not let this user create or write tables; make the user the owner \
                 of the database, or correct the URL"
            )),
            "53300" => unavailable(format!(
                "{self} has no connection left; raise `max_connections` or stop other clients"
            )),
            "42P01" | "42703" | "42P07" => self.strange(),
            "XX001" | "XX002" => self.damaged(),
            _ => return None,
        })
    }

    fn driver(&self, error: &Arc<Error>) -> Option<StoreError> {
        match error.as_ref() {
            Error::Configuration(cause) => Some(StoreError::Invalid(format!(
                "the URL of {self} cannot be used: {cause}"
            ))),
            // What fails in the handshake comes as damaged data, with the reason of TLS.
            Error::Io(cause) if cause.kind() == std::io::ErrorKind::InvalidData => {
                Some(self.not_encrypted(cause))
            }
            Error::Io(_) => Some(StoreError::Unavailable {
                message: format!(
                    "{self} does not answer: {error}; check that the server runs and that host \
                     and port of the URL are right"
                ),
                source: Some(Box::new(Arc::clone(error))),
            }),
            Error::Tls(cause) => Some(self.not_encrypted(cause)),
            Error::PoolTimedOut => Some(unavailable(format!(
                "{self} is too busy: no connection became free in time; try again"
            ))),
            Error::ColumnDecode { .. }
            | Error::Decode(_)
            | Error::ColumnIndexOutOfBounds { .. } => Some(self.strange()),
            _ => None,
        }
    }

    fn not_encrypted(&self, cause: &impl fmt::Display) -> StoreError {
        unavailable(format!(
            "no encrypted connection to {self} could be made: {cause}; check `sslmode` and \
             `sslrootcert` of the URL"
        ))
    }

    /// No room left.
    fn full(&self) -> StoreError {
        StoreError::Full(format!(
            "the disk of {self} is full; nothing was changed; make room and try again"
        ))
    }

    fn unwritable(&self) -> StoreError {
        StoreError::Full(format!(
            "{self} may not be written; make it and its folder writable for this user, or choose \
             another data folder"
        ))
    }

    /// Contents that cannot be trusted.
    pub(crate) fn damaged(&self) -> StoreError {
        StoreError::Incompatible(format!(
            "{self} is damaged or is not a database; put back a backup, or move it away to begin \
             with an empty one"
        ))
    }

    /// Tables that are not ours.
    pub(crate) fn strange(&self) -> StoreError {
        StoreError::Incompatible(format!(
            "{self} does not have the tables of this version of Tradewind; it may belong to \
             another program: give Tradewind a database of its own"
        ))
    }
}

/// An error that may pass by itself.
pub(crate) fn unavailable(message: String) -> StoreError {
    StoreError::Unavailable {
        message,
        source: None,
    }
}

/// The database's own code, empty when the error is not the database's.
fn code(error: &Error) -> String {
    let database = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    database
        .map(std::borrow::Cow::into_owned)
        .unwrap_or_default()
}

/// Whether the connection is gone, so that a new one may do better.
pub(crate) fn disconnected(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => true,
        // Class 57P: the server ends the connection; class 08: the connection failed; 25P03: it
        // was idle in a transaction for too long.
        Error::Database(_) => {
            let code = code(error);
            code.starts_with("57P") || code.starts_with("08") || code == "25P03"
        }
        _ => false,
    }
}
