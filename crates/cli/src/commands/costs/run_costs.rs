//! `costs run`: what a run or job was planned at, what it cost, and what made the difference. Plans
//! are in the store, so a server that runs is asked; without one the ledger alone answers.

use super::{amount, failed};
use crate::arguments::Arguments;
use crate::client::Client;
use crate::commands::pipelines::newest_run;
use crate::embedded::{Start, connect};
use crate::failure::Failure;
use crate::output::Output;
use costs::metering::Explained;
use costs::{Amount, Ledger};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, Serialize)]
struct RunCosts {
    run: String,
    jobs: Vec<Explained>,
    totals: Vec<(String, Amount, Amount)>,
}

pub(super) async fn run(
    arguments: &Arguments,
    ledger: &Ledger,
    id: &str,
    output: Output,
) -> Result<(), Failure> {
    let Ok(client) = connect(arguments, output, Start::No).await else {
        output.note("no server runs, so the plan is not known; the ledger alone answers");
        return beside(ledger, id, None, output);
    };
    let newest;
    let id = if id == "latest" {
        newest = newest_run(&client).await?;
        &newest
    } else {
        id
    };
    let costs = ask(&client, id).await?;
    output.document(&costs);
    let heads = [
        "job",
        "planned",
        "actual",
        "difference",
        "currency",
        "attempts",
    ];
    if !output.json {
        output.table(&heads, &costs.jobs, |job| {
            vec![
                job.job.clone(),
                format!("{} ({})", job.estimate.for_people(), job.planned),
                job.actual.for_people(),
                job.difference.for_people(),
                job.currency.clone(),
                job.attempts.len().to_string(),
            ]
        });
    }
    for job in &costs.jobs {
        output.say(format!("{}: {}", job.job, job.sentence));
    }
    for (currency, estimate, actual) in &costs.totals {
        output.say(format!(
            "all: planned {}, actual {} {currency}",
            estimate.for_people(),
            actual.for_people()
        ));
    }
    Ok(())
}

/// The run of that id, or the job.
async fn ask(client: &Client, id: &str) -> Result<RunCosts, Failure> {
    match client.get(&["runs", id, "costs"], &[]).await {
        Err(Failure::Refused { .. }) => {}
        other => return other,
    }
    let job: Explained = client.get(&["jobs", id, "costs"], &[]).await?;
    Ok(RunCosts {
        run: id.to_owned(),
        totals: vec![(job.currency.clone(), job.estimate, job.actual)],
        jobs: vec![job],
    })
}

/// The ledger's lines beside an estimate that is given.
pub(super) fn beside(
    ledger: &Ledger,
    id: &str,
    estimate: Option<&str>,
    output: Output,
) -> Result<(), Failure> {
    let estimate = estimate.map(amount).transpose()?;
    let both = ledger.estimate_and_actual(id, estimate).map_err(failed)?;
    let heads = ["run", "estimate", "actual", "difference", "currency"];
    output.table(&heads, &both, |both| {
        let or_none = |amount: Option<Amount>| amount.map_or("–".to_owned(), Amount::for_people);
        vec![
            both.workload.clone(),
            or_none(both.estimate),
            both.actual.for_people(),
            or_none(both.difference),
            both.currency.clone(),
        ]
    });
    Ok(())
}
