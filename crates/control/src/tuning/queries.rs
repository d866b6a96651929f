//! What callers read of searches.

use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use contracts::store::{Key, Order, Query};
use domain::Refusal;
use domain::tuning::Tuning;

/// Which searches.
#[derive(Debug, Clone, Default)]
pub struct TuningFilter {
    /// Only these states; empty for all.
    pub phases: Vec<String>,
    /// From an earlier page.
    pub after: Option<String>,
    /// At most so many; 0 means 100.
    pub limit: u32,
}

impl Control {
    /// A search.
    pub async fn tuning(&self, caller: &Caller, id: &str) -> Result<Tuning, Refusal> {
        caller.may_read()?;
        let key = Key::new(Tuning::KIND, &caller.workspace, id);
        let found = self.require::<Tuning>(&key).await;
        found.map(|(tuning, _)| tuning).map_err(Refusal::from)
    }

    /// A page of searches, the newest first.
    pub async fn tunings(
        &self,
        caller: &Caller,
        filter: &TuningFilter,
    ) -> Result<(Vec<Tuning>, Option<String>), Refusal> {
        caller.may_read()?;
        let query = Query {
            kind: Tuning::KIND.to_owned(),
            workspace: Some(caller.workspace.clone()),
            phases: filter.phases.clone(),
            order: Order::Newest,
            after: filter.after.clone(),
            limit: filter.limit,
            ..Query::default()
        };
        let page = self.store.list(&query).await.map_err(Error::from)?;
        let tunings: Result<Vec<Tuning>, Error> = page.rows.iter().map(read).collect();
        Ok((tunings?, page.next))
    }
}
