//! What the reconciler should do about an error of this machine.

use contracts::backend::{Advice, BackendError};
use domain::Span;
use std::io;

/// A full disk or too many processes pass; so does most else that the system refuses.
const AGAIN: Span = Span::seconds(2);

/// An error of the file system or of starting a process.
pub(super) fn of_system(doing: &str, source: io::Error) -> BackendError {
    let advice = match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Advice::GiveUp,
        _ => Advice::RetryHere { after: AGAIN },
    };
    BackendError {
        message: format!("cannot {doing}: {source}"),
        advice,
        source: Some(Box::new(source)),
    }
}

/// An error of the runtimes.
pub(super) fn of_runtimes(source: runtimes::Error) -> BackendError {
    let advice = match &source {
        runtimes::Error::UnsafePath { .. } | runtimes::Error::Invalid { .. } => Advice::GiveUp,
        _ => Advice::RetryHere { after: AGAIN },
    };
    BackendError {
        message: source.to_string(),
        advice,
        source: Some(Box::new(source)),
    }
}

/// A thread that the runtime could not finish.
pub(super) fn of_thread(source: tokio::task::JoinError) -> BackendError {
    BackendError {
        message: "work on this machine's disk was interrupted".to_owned(),
        advice: Advice::RetryHere { after: AGAIN },
        source: Some(Box::new(source)),
    }
}
