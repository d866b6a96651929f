//! Why the front door cannot be opened.

use std::path::PathBuf;

/// Why the front door cannot be opened, or a certificate not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the authority or the bundle.
    #[error("`{path}` cannot be {doing}: {source}", path = path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// `read`, `written`, …
        doing: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The authority is there but cannot be trusted or understood.
    #[error(
        "the certificate authority in `{path}` cannot be used: {message}; remove it with \
         `tradewind doctor --remove-authority`, and the next start makes a fresh one",
        path = path.display()
    )]
    Authority {
        /// Its folder.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A certificate was asked for a name that is no cloud's.
    #[error("`{0}` is no host name of a cloud, so no certificate is made for it")]
    NotACloud(String),
    /// A key or certificate could not be made.
    #[error("a certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A TLS configuration could not be made.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// There are no certificates on this machine to be joined with ours.
    #[error(
        "this machine has no bundle of certificate authorities, so a program could reach nothing \
         but Tradewind; install one (Debian: `apt install ca-certificates`), or name one with the \
         variable SSL_CERT_FILE"
    )]
    NoRoots,
}

impl Error {
    /// For `map_err` beside a file operation.
    pub(crate) fn file(
        path: &std::path::Path,
        doing: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            path,
            doing,
            source,
        }
    }
}
