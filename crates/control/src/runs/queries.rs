//! What callers read of runs.

use super::kept::Kept;
use crate::rows::Stored;
use crate::{Caller, Control, Error};
use contracts::store::{Order, Query, Row};
use domain::pipeline::Run;
use domain::{Name, Refusal, RunId};
use std::collections::BTreeMap;
use std::sync::Arc;

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
        let kept = self.require_run(&caller.workspace, id).await?;
        Ok(Arc::unwrap_or_clone(kept.run))
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
        let mut runs = Vec::with_capacity(page.rows.len());
        for row in &page.rows {
            if let Some(kept) = self.listed_run(row).await? {
                runs.push(Arc::unwrap_or_clone(kept.run));
            }
        }
        Ok((runs, page.next))
    }

    /// The run of a listed row, as it is now when it was written since; `None` when it was deleted.
    pub(crate) async fn listed_run(&self, row: &Row) -> Result<Option<Kept>, Error> {
        if let Some(kept) = self.run_of(row).await? {
            return Ok(Some(kept));
        }
        let key = &row.row.key;
        let id = RunId::new(key.id.as_str()).map_err(|e| Refusal::internal(e.to_string()))?;
        self.find_run(&key.workspace, &id).await
    }
}
