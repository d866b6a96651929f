//! `GET /runs/{id}/costs`: the jobs of a run, each with its plan, its costs and what made the
//! difference.

use crate::native::access::Authenticated;
use crate::native::extract::{Json, Path};
use crate::native::openapi::Described;
use crate::native::{Fault, Native};
use axum::extract::State;
use contracts::store::Query;
use control::rows::{Stored, read};
use costs::Amount;
use costs::metering::{Explained, explain};
use domain::job::Job;
use domain::{Refusal, RunId};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;

pub(super) const DESCRIBED: Described = Described {
    id: "explain_run_costs",
    method: "get",
    path: "/api/v1/runs/{id}/costs",
    summary: "says what a run's jobs were planned at, what they cost, and what made the difference",
    query: &[],
    takes: None,
    gives: Some(SchemaGenerator::subschema_for::<RunCosts>),
};

/// A run's costs by job.
#[derive(Serialize, JsonSchema)]
pub(super) struct RunCosts {
    run: String,
    jobs: Vec<Explained>,
    /// Sums by currency: estimate, actual.
    totals: Vec<(String, Amount, Amount)>,
}

pub(super) async fn handle(
    State(native): State<Native>,
    Authenticated(caller): Authenticated,
    Path(id): Path<RunId>,
) -> Result<Json<RunCosts>, Fault> {
    native.control.run(&caller, &id).await?;
    let mut query = Query {
        kind: Job::KIND.to_owned(),
        workspace: Some(caller.workspace.clone()),
        parent: Some(id.to_string()),
        limit: 1_000,
        ..Query::default()
    };
    let mut jobs: Vec<Job> = Vec::new();
    loop {
        let page = native
            .control
            .store
            .list(&query)
            .await
            .map_err(control::Error::from);
        let page = page.map_err(Refusal::from)?;
        for row in &page.rows {
            jobs.push(read(row).map_err(Refusal::from)?);
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let ledger = native.ledger.clone();
    let asked = tokio::task::spawn_blocking(move || {
        jobs.iter()
            .map(|job| explain(&ledger, job))
            .collect::<Result<Vec<_>, _>>()
    });
    let failed = |_| Fault(Refusal::internal("the question was given up"));
    let jobs = asked.await.map_err(failed)?.map_err(Refusal::from)?;
    let mut totals: Vec<(String, Amount, Amount)> = Vec::new();
    for job in &jobs {
        match totals.iter_mut().find(|total| total.0 == job.currency) {
            Some(total) => {
                total.1 += job.estimate;
                total.2 += job.actual;
            }
            None => totals.push((job.currency.clone(), job.estimate, job.actual)),
        }
    }
    let run = id.to_string();
    Ok(Json(RunCosts { run, jobs, totals }))
}
