//! What was submitted and is not over, as the store has it: a server that starts anew knows it too, and
//! what ended frees what it had not used.

use contracts::spending::Proposal;
use contracts::store::{Query, Store};
use control::Error;
use control::rows::{Stored, read};
use domain::job::Job;
use domain::pipeline::{Run, StepSpec};
use domain::{Refusal, Timestamp};

/// Phases in which a job may still use something.
const OPEN_JOBS: [&str; 5] = ["queued", "starting", "running", "collecting", "retrying"];
/// Phases in which a run may.
const OPEN_RUNS: [&str; 2] = ["running", "stopping"];
/// Rows that are read at once.
const PAGE: u32 = 500;

/// Each job that is no step, and what is left of each run, with when it was made.
pub(super) async fn submissions(store: &dyn Store) -> Result<Vec<(Proposal, Timestamp)>, Refusal> {
    let mut all = Vec::new();
    for job in rows::<Job>(store, &OPEN_JOBS).await? {
        if job.step.is_none() {
            all.push((Proposal::job(&job.workspace, &job.spec), job.created));
        }
    }
    for run in rows::<Run>(store, &OPEN_RUNS).await? {
        let mut left = run.spec.clone();
        left.steps.retain(|step| !is_over(&run, step));
        all.push((Proposal::run(&run.workspace, &left), run.created));
    }
    Ok(all)
}

/// Whether nothing more will happen to a step, nor to any item of it.
fn is_over(run: &Run, step: &StepSpec) -> bool {
    let mut states = run.steps.iter().filter(|(path, _)| path.step == step.name);
    let known = states.clone().next().is_some();
    known && states.all(|(_, state)| state.is_over())
}

async fn rows<T: Stored + serde::de::DeserializeOwned>(
    store: &dyn Store,
    phases: &[&str],
) -> Result<Vec<T>, Refusal> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let query = Query {
            kind: T::KIND.to_owned(),
            phases: phases.iter().map(|phase| (*phase).to_owned()).collect(),
            after,
            limit: PAGE,
            ..Query::default()
        };
        let page = store.list(&query).await.map_err(Error::from)?;
        let rows: Result<Vec<T>, Error> = page.rows.iter().map(read).collect();
        found.extend(rows?);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
