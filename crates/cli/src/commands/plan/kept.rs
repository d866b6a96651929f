//! The plan that is kept with a run: shown, and made again from what it was made from.

use super::{open_catalog, show};
use crate::arguments::{Arguments, PlanArguments};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use domain::RunId;
use domain::pipeline::{PipelineSpec, Run};
use planner::Replay;
use planner::pipeline::{Kept, KeptAnswer, looks_further};
use serde::{Deserialize, Serialize};
use server::market::{Here, market};
use std::sync::Arc;

/// What the server keeps.
#[derive(Debug, Serialize, Deserialize)]
struct RunPlan {
    run: RunId,
    kept: Kept,
    /// What was planned anew in the course of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    later: Vec<JobPlan>,
}

/// A plan that was made for one job when it was to begin.
#[derive(Debug, Serialize, Deserialize)]
struct JobPlan {
    ticket: String,
    job: String,
    spec: PipelineSpec,
    kept: Kept,
}

async fn fetch(client: &Client, id: &str) -> Result<RunPlan, Failure> {
    client.get(&["runs", id, "plan"], &[]).await
}

/// Shows the plan of a run, and those that followed it.
pub(in crate::commands) async fn show(
    client: &Client,
    id: &str,
    output: Output,
) -> Result<(), Failure> {
    let found = fetch(client, id).await?;
    output.document(&found);
    if output.json {
        return Ok(());
    }
    output.say(format!("plan of {}, {}", found.run, found.kept.hash));
    show_one(&found.kept, output);
    for later in &found.later {
        let (job, hash) = (&later.job, &later.kept.hash);
        output.say(format!("planned anew for {job}, {hash}"));
        show_one(&later.kept, output);
    }
    Ok(())
}

fn show_one(kept: &Kept, output: Output) {
    match &kept.answer {
        KeptAnswer::Placed { plan } => {
            output.say(plan.table().trim_end());
            show::sum(plan, &PlanArguments::default(), output);
        }
        KeptAnswer::Nowhere { why } => output.say(format!("there was no plan: {why}")),
        KeptAnswer::Unplanned { reason } => output.say(format!("it was not planned: {reason}")),
    }
    for note in &kept.notes {
        output.say(format!("note: {note}"));
    }
}

/// Plans a run again from what its plans were made from, on the prices that are here now.
pub(in crate::commands) async fn replay(
    arguments: &Arguments,
    client: &Client,
    id: &str,
    output: Output,
) -> Result<(), Failure> {
    let found = fetch(client, id).await?;
    let run: Run = client.get(&["runs", id], &[]).await?;
    let mut what = again(arguments, &run.spec, &found.kept)?;
    for later in &found.later {
        let differences = again(arguments, &later.spec, &later.kept)?;
        let of = |text| format!("planned anew for {}: {text}", later.job);
        what.extend(differences.into_iter().map(of));
    }
    let replay = if what.is_empty() {
        Replay::Same
    } else {
        Replay::Different { what }
    };
    output.document(&replay);
    match replay {
        Replay::Same => {
            output.say(format!("planned again: the same plan, {}", found.kept.hash));
            Ok(())
        }
        Replay::Different { what } => {
            for difference in &what {
                output.say(format!("different: {difference}"));
            }
            Err(Failure::Failed(format!(
                "planned again, `{id}` comes out differently"
            )))
        }
    }
}

/// Plans again from what a plan was made from; in what it differs.
fn again(arguments: &Arguments, spec: &PipelineSpec, kept: &Kept) -> Result<Vec<String>, Failure> {
    let known = &kept.known;
    let here = Here {
        milli_cpus: known.here.0,
        memory: known.here.1,
    };
    let catalog = if looks_further(spec, &known.places) {
        Some(open_catalog(arguments)?)
    } else {
        None
    };
    let market = market(catalog.as_ref(), here, known.local_rate, known.now);
    let market = Arc::new(market.map_err(|error| Failure::here(error.to_string()))?);
    Ok(match kept.replay(spec, market) {
        Replay::Same => Vec::new(),
        Replay::Different { what } => what,
    })
}
