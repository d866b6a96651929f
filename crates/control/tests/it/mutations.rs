//! Servers that break one of the laws, each by a fault in one seam: whatever guards a law must
//! notice the server that breaks it.

use crate::backend::SimulatedBackend;
use contracts::backend::{Backend, BackendError, Observation, Removal, Unsupported, Workload};
use contracts::store::{Claim, Commit, Idempotency, Key, Page, Query, Row, Store, StoreError};
use domain::audit::Event;
use domain::job::{Job, JobSpec, Phase, Placement};
use domain::{TicketId, Timestamp, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// How a server breaks a law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// Law 1: the provider is asked although the ticket was not stored.
    LosesTickets,
    /// Law 2: the provider is asked before the commit.
    ActsFirst,
    /// Law 2: that a removal was asked for is taken for its being done.
    BelievesAnswers,
    /// Law 3: only what this very process started is known to it.
    RemembersInstead,
}

pub(crate) const MUTATIONS: [Mutation; 4] = [
    Mutation::LosesTickets,
    Mutation::ActsFirst,
    Mutation::BelievesAnswers,
    Mutation::RemembersInstead,
];

/// The job of a commit that begins an attempt.
fn starting(commit: &Commit) -> Option<Job> {
    let row = commit
        .put
        .iter()
        .find(|row| row.key.kind == "job" && row.phase == "starting")?;
    let job: Job = row.body.read().unwrap();
    matches!(job.phase, Phase::Starting { .. }).then_some(job)
}

/// A store through which attempts begin wrongly.
pub(crate) struct MutatedStore {
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) backend: Arc<SimulatedBackend>,
    pub(crate) mutation: Mutation,
}

#[async_trait::async_trait]
impl Store for MutatedStore {
    async fn get(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.inner.get(key).await
    }
    async fn list(&self, query: &Query) -> Result<Page, StoreError> {
        self.inner.list(query).await
    }
    async fn commit(&self, commit: Commit) -> Result<i64, StoreError> {
        let job = starting(&commit);
        match (self.mutation, job) {
            (Mutation::LosesTickets, Some(_)) => Ok(0),
            (Mutation::ActsFirst, Some(job)) => {
                let ticket = job.phase.ticket().unwrap().clone();
                let placement = job.phase.placement().unwrap().clone();
                let workload = Workload {
                    job: job.id,
                    workspace: job.workspace,
                    spec: job.spec,
                    code: None,
                    inputs: BTreeMap::new(),
                    env: BTreeMap::new(),
                };
                let _ = self.backend.ensure(&ticket, &workload, &placement).await;
                self.inner.commit(commit).await
            }
            _ => self.inner.commit(commit).await,
        }
    }
    async fn claim(&self, claim: &Claim) -> Result<Vec<Row>, StoreError> {
        self.inner.claim(claim).await
    }
    async fn release(
        &self,
        key: &Key,
        owner: &str,
        due: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.inner.release(key, owner, due).await
    }
    async fn changes(&self, after: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        self.inner.changes(after, limit).await
    }
    async fn newest_change(&self) -> Result<i64, StoreError> {
        self.inner.newest_change().await
    }
    async fn recall(
        &self,
        workspace: &Workspace,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Idempotency>, StoreError> {
        self.inner.recall(workspace, token, now).await
    }
    async fn changed_since(&self, sequence: i64) {
        self.inner.changed_since(sequence).await;
    }
}

/// A provider as a server sees it that does not look.
pub(crate) struct MutatedBackend {
    pub(crate) inner: Arc<SimulatedBackend>,
    pub(crate) mutation: Mutation,
    pub(crate) asked: Mutex<BTreeSet<TicketId>>,
}

#[async_trait::async_trait]
impl Backend for MutatedBackend {
    fn refuses(&self, spec: &JobSpec) -> Vec<Unsupported> {
        self.inner.refuses(spec)
    }
    async fn ensure(
        &self,
        ticket: &TicketId,
        workload: &Workload,
        at: &Placement,
    ) -> Result<(), BackendError> {
        if self.mutation == Mutation::RemembersInstead {
            self.asked.lock().unwrap().insert(ticket.clone());
        }
        self.inner.ensure(ticket, workload, at).await
    }
    async fn observe(&self, tickets: &[TicketId]) -> Result<Vec<Observation>, BackendError> {
        let mut seen = self.inner.observe(tickets).await?;
        let asked = self.asked.lock().unwrap();
        for (ticket, seen) in tickets.iter().zip(&mut seen) {
            let wrong = match self.mutation {
                Mutation::BelievesAnswers => asked.contains(ticket),
                Mutation::RemembersInstead => !asked.contains(ticket),
                _ => false,
            };
            if wrong {
                *seen = Observation::Absent;
            }
        }
        Ok(seen)
    }
    async fn stop(&self, ticket: &TicketId) -> Result<(), BackendError> {
        self.inner.stop(ticket).await
    }
    async fn remove(&self, ticket: &TicketId) -> Result<Removal, BackendError> {
        if self.mutation == Mutation::BelievesAnswers {
            self.asked.lock().unwrap().insert(ticket.clone());
        }
        self.inner.remove(ticket).await
    }
    async fn inventory(&self) -> Result<Vec<TicketId>, BackendError> {
        self.inner.inventory().await
    }
    async fn changed(&self) {
        self.inner.changed().await;
    }
}
