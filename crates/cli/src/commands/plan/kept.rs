//! The plan that is kept with a run: shown, and made again from what it was made from.

use super::{open_catalog, show};
use crate::arguments::{Arguments, PlanArguments};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use domain::RunId;
use domain::pipeline::Run;
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
}

async fn fetch(client: &Client, id: &str) -> Result<RunPlan, Failure> {
    client.get(&["runs", id, "plan"], &[]).await
}

/// Shows the plan of a run.
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
    let kept = &found.kept;
    output.say(format!("plan of {}, {}", found.run, kept.hash));
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
    Ok(())
}

/// Plans a run again from what its plan was made from, on the prices that are here now.
pub(in crate::commands) async fn replay(
    arguments: &Arguments,
    client: &Client,
    id: &str,
    output: Output,
) -> Result<(), Failure> {
    let found = fetch(client, id).await?;
    let run: Run = client.get(&["runs", id], &[]).await?;
    let known = &found.kept.known;
    let here = Here {
        milli_cpus: known.here.0,
        memory: known.here.1,
    };
    let catalog = if looks_further(&run.spec) {
        Some(open_catalog(arguments)?)
    } else {
        None
    };
    let market = market(catalog.as_ref(), here, known.local_rate, known.now);
    let market = Arc::new(market.map_err(|error| Failure::here(error.to_string()))?);
    let replay = found.kept.replay(&run.spec, market);
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
