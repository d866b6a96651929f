//! What callers read of runs.

use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Order, Query};
use domain::pipeline::Run;
use domain::{Name, Refusal, RunId};
use std::collections::BTreeMap;

/// Which runs.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only those of this pipeline.
    pub pipeline: Option<Name>,
    /// Only these states.
    pub phases: Vec<String>,
    /// Only those with all of these tags.
    pub tags: BTreeMap<String, String>,
    /// From an earlier page.
    pub after: Option<String>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

impl Control {
    /// A run.
    pub async fn run(&self, caller: &Caller, id: &RunId) -> Result<Run, Refusal> {
        caller.may_read()?;
        let found = self
            .require(&Key::new(Run::KIND, &caller.workspace, id))
            .await;
        found.map(|(run, _)| run).map_err(Refusal::from)
    }

    /// A page of runs, the newest first.
    pub async fn runs(
        &self,
        caller: &Caller,
        filter: &RunFilter,
    ) -> Result<(Vec<Run>, Option<String>), Refusal> {
        caller.may_read()?;
        let query = Query {
            kind: Run::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            parent: filter.pipeline.as_ref().map(ToString::to_string),
            phases: filter.phases.clone(),
            labels: filter.tags.clone(),
            order: Order::Newest,
            after: filter.after.clone(),
            limit: filter.limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let runs: Result<Vec<Run>, Error> = page.rows.iter().map(read).collect();
        Ok((runs?, page.next))
    }
}
