//! What running jobs have used so far.

use crate::rows::{Stored, read};
use crate::{Caller, Control, Error};
use contracts::backend::Used;
use contracts::store::{Order, Query};
use domain::job::{Job, Phase};
use domain::{Refusal, TicketId};
use std::collections::BTreeMap;

/// Jobs that are read at once.
const PAGE: u32 = 500;

impl Control {
    /// All jobs of all workspaces whose user code runs, with their use where it is known; for the
    /// installation's own doings.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn running_anywhere(&self) -> Result<Vec<(Job, Used)>, Refusal> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let query = Query {
                kind: Job::KIND.to_owned(),
                phases: vec!["running".to_owned()],
                order: Order::Newest,
                after,
                limit: PAGE,
                ..Query::default()
            };
            let page = self.store.list(&query).await.map_err(Error::from)?;
            let jobs: Result<Vec<Job>, Error> = page.rows.iter().map(read).collect();
            let jobs = jobs?;
            let used = self.used_by(&jobs).await;
            for job in jobs {
                if let Some(used) = job
                    .phase
                    .ticket()
                    .and_then(|ticket| used.get(ticket))
                    .copied()
                {
                    found.push((job, used));
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(found);
            }
        }
    }

    /// The use of each job whose user code runs and whose place tells it, by the ticket of its
    /// attempt. A place that cannot be asked is left out and logged.
    ///
    /// # Errors
    /// When the caller may not read.
    pub async fn jobs_used(
        &self,
        caller: &Caller,
        jobs: &[Job],
    ) -> Result<BTreeMap<TicketId, Used>, Refusal> {
        caller.may_read()?;
        Ok(self.used_by(jobs).await)
    }

    async fn used_by(&self, jobs: &[Job]) -> BTreeMap<TicketId, Used> {
        let mut tickets: BTreeMap<&str, Vec<TicketId>> = BTreeMap::new();
        for job in jobs {
            let Phase::Running {
                ticket,
                placement,
                since: Some(_),
                ..
            } = &job.phase
            else {
                continue;
            };
            tickets
                .entry(&placement.provider)
                .or_default()
                .push(ticket.clone());
        }
        let mut all = BTreeMap::new();
        for (provider, tickets) in tickets {
            let place = self.providers.get(provider);
            let Some(remains) = place.and_then(|place| place.remains.as_ref()) else {
                continue;
            };
            match remains.used(&tickets).await {
                Ok(used) => {
                    let known = tickets.into_iter().zip(used);
                    all.extend(known.filter_map(|(ticket, used)| Some((ticket, used?))));
                }
                Err(error) => {
                    tracing::warn!(provider, %error, "the use of running jobs is not known");
                }
            }
        }
        all
    }
}
