//! What callers read of executions.

use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Order, Query};
use domain::Refusal;
use domain::execution::Execution;

/// Which executions.
#[derive(Debug, Clone, Default)]
pub struct ExecutionFilter {
    /// Of this graph.
    pub graph: Option<String>,
    /// Only these states; empty for all.
    pub phases: Vec<String>,
    /// From an earlier page.
    pub after: Option<String>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

impl Control {
    /// An execution.
    pub async fn execution(&self, caller: &Caller, id: &str) -> Result<Execution, Refusal> {
        caller.may_read()?;
        let key = Key::new(Execution::KIND, &caller.workspace, id);
        let found = self.require::<Execution>(&key).await;
        found.map(|(execution, _)| execution).map_err(Refusal::from)
    }

    /// A page of executions, the newest first.
    pub async fn executions(
        &self,
        caller: &Caller,
        filter: &ExecutionFilter,
    ) -> Result<(Vec<Execution>, Option<String>), Refusal> {
        caller.may_read()?;
        let query = Query {
            kind: Execution::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            parent: filter.graph.clone(),
            phases: filter.phases.clone(),
            order: Order::Newest,
            after: filter.after.clone(),
            limit: filter.limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let executions: Result<Vec<Execution>, Error> = page.rows.iter().map(read).collect();
        Ok((executions?, page.next))
    }
}
