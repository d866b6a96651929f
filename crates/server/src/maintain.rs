//! What a server does now and then besides answering: files of deleted objects are removed, and
//! lifecycle rules are carried out.

use objects::ObjectStore;
use std::time::Duration;
use tokio::sync::watch;

/// Pause between two rounds.
const PAUSE: Duration = Duration::from_hours(1);

/// Keeps the object store tidy until `halted` turns true.
pub(crate) async fn keep_tidy(objects: ObjectStore, mut halted: watch::Receiver<bool>) {
    while !*halted.borrow() {
        match objects.expire().await {
            Ok(expired) => tracing::debug!(?expired, "lifecycle rules were carried out"),
            Err(error) => tracing::warn!(%error, "lifecycle rules could not be carried out"),
        }
        match objects.sweep().await {
            Ok(swept) => tracing::debug!(?swept, "the object store was swept"),
            Err(error) => tracing::warn!(%error, "the object store could not be swept"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = halted.changed() => {}
        }
    }
}
