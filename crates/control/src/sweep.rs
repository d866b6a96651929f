//! Removes what runs without a ticket in the store.
//!
//! The provider is listed first and the store read afterwards: a ticket is stored before its
//! workload exists, so whatever is listed and has no live ticket is an orphan.

use crate::rows::read;
use crate::{Control, Error};
use contracts::store::Key;
use domain::TicketId;
use domain::job::Job;
use std::sync::Arc;

/// Sweeps for ever, at the pace that is set.
pub(crate) async fn keep_sweeping(control: Arc<Control>) {
    loop {
        match control.sweep_orphans().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "orphans were removed"),
            Err(error) => tracing::warn!(%error, "the orphan sweep failed"),
        }
        tokio::time::sleep(control.pace.sweep.to_std()).await;
    }
}

impl Control {
    /// Removes every workload of this installation that no job holds a ticket of; returns how
    /// many were asked to go.
    pub async fn sweep_orphans(&self) -> Result<usize, Error> {
        let mut removed = 0;
        for provider in self.providers.values() {
            let tickets = provider.backend.inventory().await?;
            for ticket in tickets {
                if !self.is_held(&ticket).await? {
                    tracing::info!(%ticket, provider = provider.name, "removing an orphan");
                    provider.backend.remove(&ticket).await?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    async fn is_held(&self, ticket: &TicketId) -> Result<bool, Error> {
        let Some((workspace, id)) = ticket.origin() else {
            return Ok(false);
        };
        let row = self.store.get(&Key::new("job", &workspace, id)).await?;
        let Some(row) = row else {
            return Ok(false);
        };
        let job: Job = read(&row)?;
        Ok(job.phase.ticket() == Some(ticket))
    }
}
