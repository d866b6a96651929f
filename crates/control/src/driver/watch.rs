//! Listens to providers and to the data plane, and wakes the rows that what they show is about.

use crate::Control;
use crate::rows::Stored;
use contracts::store::{Key, Query};
use domain::TicketId;
use domain::endpoint::Endpoint;
use domain::function::Function;
use std::sync::Arc;
use std::time::Duration;

/// How much later it is shown that a job runs, so that one that ends at once costs half.
const MOMENT: Duration = Duration::from_millis(25);

/// Wakes the jobs of a provider whose observation changed.
pub(super) async fn provider(control: Arc<Control>, name: String) {
    let Some(provider) = control.providers.get(&name) else {
        return;
    };
    loop {
        provider.backend.changed().await;
        let tickets = control.hints.tickets(&name);
        if tickets.is_empty() {
            continue;
        }
        match provider.backend.observe(&tickets).await {
            Ok(observations) => {
                let running = control.hints.observed(&tickets, observations);
                if !running.is_empty() {
                    tokio::spawn(tell_later(control.clone(), running));
                }
            }
            Err(error) => {
                tracing::warn!(provider = name, %error, "the provider could not be observed");
                tokio::time::sleep(control.pace.retry.to_std()).await;
            }
        }
    }
}

/// Wakes the jobs of workloads that run and have not ended within a moment: those that have are
/// better looked at once, at their end.
async fn tell_later(control: Arc<Control>, running: Vec<TicketId>) {
    tokio::time::sleep(MOMENT).await;
    control.hints.still_running(&running);
}

/// Wakes endpoints that are under way when the data plane moves, and moves canaries along that it
/// has judged.
pub(super) async fn data_plane(control: Arc<Control>) {
    loop {
        control.data_plane.changed().await;
        control.conclude_canaries().await;
        wake(
            &control,
            Endpoint::KIND,
            &["creating", "updating", "deleting"],
        )
        .await;
    }
}

/// Wakes functions that are made ready when that moves.
pub(super) async fn functions(control: Arc<Control>) {
    loop {
        control.function_plane.changed().await;
        wake(&control, Function::KIND, &["pending"]).await;
    }
}

/// Wakes the rows of a kind that are in one of these phases.
async fn wake(control: &Control, kind: &str, phases: &[&str]) {
    let query = Query {
        kind: kind.to_owned(),
        phases: phases.iter().map(|&phase| phase.to_owned()).collect(),
        limit: 1_000,
        ..Query::default()
    };
    match control.store.list(&query).await {
        Ok(page) => {
            let keys = page.rows.into_iter().map(|row| row.row.key);
            control.hints.wake(keys.collect::<Vec<Key>>());
        }
        Err(error) => {
            tracing::warn!(kind, %error, "rows under way could not be listed");
            tokio::time::sleep(control.pace.retry.to_std()).await;
        }
    }
}
