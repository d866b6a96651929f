//! Jobs that are over become lines of the ledger, by the store's events in their order: the number
//! of the last one is kept in the same change as the lines, so that none counts twice or is missed.

mod ended;
mod labels;

use control::Control;
use control::rows::Stored;
use costs::Ledger;
use domain::audit::Event;
use domain::job::Job;
use labels::Labels;
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
    let ended: Vec<&Event> = events
        .iter()
        .filter(|e| e.resource == Job::KIND && over(&e.action))
        .collect();
    if ended.is_empty() && events.len() < EVENTS as usize {
        // Nothing to write: the same few events are read again when there are more.
        return Ok(false);
    }
    let (mut jobs, mut labels) = (Vec::new(), Labels::default());
    let mut known = BTreeSet::new();
    for event in ended {
        let Some((deleted, mut job)) = ended::job(control, event, &events).await? else {
            continue;
        };
        // The same end may be told twice, and a name may be given again after a deletion.
        if known.insert((job.workspace.clone(), job.id.clone(), deleted)) {
            labels.put(control, &mut job).await?;
            jobs.push(job);
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
