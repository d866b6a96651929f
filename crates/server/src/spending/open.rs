//! What was submitted and is not over, as the store has it: a server that starts anew knows it too, and
//! what ended frees what it had not used.

use contracts::spending::Proposal;
use contracts::store::{Kind, Query, Row, Store};
use control::Error;
use control::rows::{Stored, read};
use control::runs::{KnownRuns, run_in};
use domain::job::Job;
use domain::pipeline::{PipelineSpec, Run, StepSpec};
use domain::{Refusal, Timestamp};

/// Phases in which a job may still use something.
const OPEN_JOBS: [&str; 5] = ["queued", "starting", "running", "collecting", "retrying"];
/// Phases in which a run may.
const OPEN_RUNS: [&str; 2] = ["running", "stopping"];
/// Rows that are read at once.
const PAGE: u32 = 500;

/// Each job that is no step, and what is left of each run, with when it was made.
pub(super) async fn submissions(
    store: &dyn Store,
    known: &KnownRuns,
) -> Result<Vec<(Proposal, Timestamp)>, Refusal> {
    let mut all = Vec::new();
    for row in rows(store, Job::KIND, &OPEN_JOBS).await? {
        let job: Job = read(&row)?;
        if job.step.is_none() {
            all.push((Proposal::job(&job.workspace, &job.spec), job.created));
        }
    }
    for row in rows(store, Run::KIND, &OPEN_RUNS).await? {
        // One that was written since is over, or is read by the next question.
        let Some(run) = run_in(store, known, &row).await? else {
            continue;
        };
        let mut left = PipelineSpec::clone(&run.spec);
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

async fn rows(store: &dyn Store, kind: Kind, phases: &[&str]) -> Result<Vec<Row>, Refusal> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let query = Query {
            kind: kind.to_owned(),
            phases: phases.iter().map(|phase| (*phase).to_owned()).collect(),
            after,
            limit: PAGE,
            ..Query::default()
        };
        let page = store.list(&query).await.map_err(Error::from)?;
        found.extend(page.rows);
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}
