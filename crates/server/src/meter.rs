//! Jobs that are over become lines of the ledger, by the store's events in their order: the number
//! of the last one is kept in the same change as the lines, so that none counts twice or is missed.

use contracts::store::Key;
use control::Control;
use control::rows::{Stored, read};
use costs::Ledger;
use domain::JobId;
use domain::job::Job;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Pause when everything is metered.
const PAUSE: Duration = Duration::from_secs(5);
/// Events that are read at once.
const EVENTS: u32 = 1_000;

/// Meters until `halted` turns true.
pub(crate) async fn keep_metering(
    control: Arc<Control>,
    ledger: Ledger,
    mut halted: watch::Receiver<bool>,
) {
    while !*halted.borrow() {
        match round(&control, &ledger).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "jobs could not be metered; trying again"),
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = halted.changed() => {}
        }
    }
}

/// Meters the next events; says whether there may be more.
async fn round(
    control: &Control,
    ledger: &Ledger,
) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
    let metered = ledger.manifest()?.metered;
    let events = control.store.changes(metered, EVENTS).await?;
    let Some(last) = events.last().map(|event| event.sequence) else {
        return Ok(false);
    };
    let over = |action: &str| matches!(action, "succeeded" | "failed" | "stopped");
    let ended = events
        .iter()
        .filter(|e| e.resource == Job::KIND && over(&e.action));
    let ended: BTreeSet<_> = ended.map(|e| (e.workspace.clone(), e.id.clone())).collect();
    if ended.is_empty() && events.len() < EVENTS as usize {
        // Nothing to write: the same few events are read again when there are more.
        return Ok(false);
    }
    let mut jobs = Vec::new();
    for (workspace, id) in ended {
        let Ok(id) = JobId::new(id) else { continue };
        if let Some(row) = control
            .store
            .get(&Key::new(Job::KIND, &workspace, &id))
            .await?
        {
            jobs.push(read::<Job>(&row)?);
        }
    }
    let full = events.len() == EVENTS as usize;
    let ledger = ledger.clone();
    let metered = tokio::task::spawn_blocking(move || {
        let lines = ledger.meter(&jobs, last)?;
        ledger.compact()?;
        Ok::<u64, costs::Error>(lines)
    });
    let lines = metered.await??;
    tracing::debug!(lines, "jobs were metered");
    Ok(full)
}
