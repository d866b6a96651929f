//! Refusals for want of room as rows, so that every server and the next process know them.

use super::RefusalMemory;
use super::refusals::FORGOTTEN;
use crate::rows::{Stored, read};
use crate::{Control, Error};
use contracts::store::{Commit, Key, Order, Query, Row};
use domain::job::Job;
use domain::{TicketId, Workspace};
use planner::pipeline::LOCAL;
use planner::question::{Denied, Refusals};
use serde::{Deserialize, Serialize};

/// Most that are read; of more, the newest say enough.
const MOST: u32 = 500;

/// A refusal that an attempt met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Denial {
    ticket: TicketId,
    workspace: Workspace,
    denied: Denied,
}

impl Stored for Denial {
    const KIND: &'static str = "refusal";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.ticket.to_string()
    }
    fn parent(&self) -> Option<String> {
        Some(self.denied.provider.clone())
    }
    fn phase_word(&self) -> String {
        "refused".to_owned()
    }
}

impl Control {
    /// Writes down that a provider had no room for an attempt, and forgets what is too old to say
    /// anything. Twice is once: the ticket names the row.
    pub(crate) async fn keep_denial(
        &self,
        job: &Job,
        ticket: &TicketId,
        denied: Denied,
    ) -> Result<(), Error> {
        if self.is_alone() {
            return Ok(());
        }
        let now = self.world.now();
        let mut old = Vec::new();
        for row in self.denials().await? {
            let denial: Denial = read(&row)?;
            if now.since(denial.denied.at) >= FORGOTTEN {
                old.push(denial.key());
            }
        }
        let denial = Denial {
            ticket: ticket.clone(),
            workspace: job.workspace.clone(),
            denied,
        };
        let key: Key = denial.key();
        old.retain(|it| *it != key);
        let commit = Commit {
            now,
            put: vec![denial.row(None)?],
            delete: old,
            ..Commit::default()
        };
        self.store.commit(commit).await?;
        Ok(())
    }

    /// What providers have refused and is not forgotten: of all servers where more than this
    /// machine is configured, else what this process remembers.
    pub(crate) async fn known_refusals(&self) -> Result<Refusals, Error> {
        let now = self.world.now();
        let memory: &RefusalMemory = &self.refusals;
        let mut known = memory.known(now);
        if self.is_alone() {
            return Ok(known);
        }
        for row in self.denials().await? {
            let denial: Denial = read(&row)?;
            let fresh = now.since(denial.denied.at) < FORGOTTEN;
            if fresh && !known.0.contains(&denial.denied) {
                known.0.push(denial.denied);
            }
        }
        // The same on every server, whichever met them.
        known
            .0
            .sort_by(|one, other| (one.at, &one.provider).cmp(&(other.at, &other.provider)));
        Ok(known)
    }

    /// Whether there is nothing but this machine, of which only this process can say anything.
    fn is_alone(&self) -> bool {
        self.providers.keys().all(|it| it == LOCAL)
    }

    async fn denials(&self) -> Result<Vec<Row>, Error> {
        let query = Query {
            kind: Denial::KIND.to_owned(),
            order: Order::Newest,
            limit: MOST,
            ..Query::default()
        };
        Ok(self.store.list(&query).await?.rows)
    }
}
