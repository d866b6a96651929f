//! Why a server does not start.

use std::path::PathBuf;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The settings file.
    #[error("the settings in `{path}` are wrong: {message}", path = path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        message: String,
    },
    /// The data folder.
    #[error("the data folder `{path}` cannot be used: {message}", path = path.display())]
    Data {
        /// The folder.
        path: PathBuf,
        /// Why, and what to do.
        message: String,
    },
    /// Another server has the data folder.
    #[error(
        "another server already uses the data folder `{path}`; stop it, or choose another folder \
         with `--data`, or share a PostgreSQL database with `--database`",
        path = path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The address.
    #[error("cannot listen on `{address}`: {source}; choose another with `--listen`")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A text that is no address.
    #[error("`{0}` is not an address with a port; write one as `127.0.0.1:7077`")]
    NoAddress(String),
    /// Leases that end as they begin.
    #[error("`lease_milliseconds` must be at least 1")]
    NoLease,
    /// An address that others can reach, without having been allowed.
    #[error(
        "`{0}` can be reached from other machines; set `allow_remote = true` (or `--allow-remote`) \
         if that is meant"
    )]
    Exposed(String),
    /// The ledger of costs.
    #[error("the ledger of costs cannot be opened: {0}")]
    Ledger(#[source] costs::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The object store.
    #[error("the object store cannot be opened: {0}")]
    Objects(#[source] objects::Error),
    /// The front door.
    #[error("the front door cannot be opened: {0}")]
    FrontDoor(#[source] frontdoor::Error),
    /// The proxy beyond ours.
    #[error("`proxy.upstream` is wrong: {0}")]
    Upstream(String),
    /// The collector of traces.
    #[error("traces cannot be sent to `{address}`: {message}")]
    Telemetry {
        /// Its base address.
        address: String,
        /// Why.
        message: String,
    },
    /// The data plane.
    #[error("the data plane cannot be started: {0}")]
    Serving(#[source] serving::Error),
    /// The control plane refused something at start.
    #[error(transparent)]
    Refused(#[from] domain::Refusal),
}
