//! A supervisor that this process started, as far as it is heard of.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::process::Child;

/// A supervisor, by its standard output and how it was started.
#[derive(Debug)]
pub(super) enum Supervisor {
    /// A child of this process.
    Child(Child),
    /// A fork of a template, which nobody fetches.
    Fork {
        /// Its standard input, until it has its ticket.
        input: Option<Sender>,
        /// Its standard output.
        output: Receiver,
    },
}

impl Supervisor {
    /// Whether it can still be told a ticket.
    pub(super) fn waits(&mut self) -> bool {
        match self {
            Self::Child(child) => matches!(child.try_wait(), Ok(None)),
            Self::Fork { .. } => true,
        }
    }

    /// Tells it its ticket's folder; false when it has gone, and then it has no ticket.
    pub(super) async fn tell(&mut self, folder: &Path) -> bool {
        let folder = folder.as_os_str().as_bytes();
        match self {
            Self::Child(child) => match child.stdin.take() {
                Some(mut input) => input.write_all(folder).await.is_ok(),
                None => false,
            },
            Self::Fork { input, .. } => match input.take() {
                Some(mut input) => input.write_all(folder).await.is_ok(),
                None => false,
            },
        }
    }

    /// Reads what it tells; 0 at the end.
    pub(super) async fn hear(&mut self, buffer: &mut [u8]) -> usize {
        let heard = match self {
            Self::Child(child) => match &mut child.stdout {
                Some(output) => output.read(buffer).await,
                None => Ok(0),
            },
            Self::Fork { output, .. } => output.read(buffer).await,
        };
        heard.unwrap_or(0)
    }

    /// Fetches one whose output has ended, so that it is no zombie.
    pub(super) async fn fetch(self) {
        if let Self::Child(mut child) = self {
            let _ = child.wait().await;
        }
    }

    /// Ends one that has no ticket.
    pub(super) async fn end(mut self) {
        match &mut self {
            Self::Child(child) => drop(child.stdin.take()),
            Self::Fork { input, .. } => drop(input.take()),
        }
        self.fetch().await;
    }
}
