//! `pipelines`: runs of pipelines, one of them, or the resumption of one that failed.

use super::jobs::{Page, first};
use super::plan;
use super::show::{in_order, run_time, step_text};
use crate::arguments::{Arguments, PipelineArguments};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago};
use domain::Timestamp;
use domain::pipeline::Run;
use serde_json::json;

/// The newest run's id.
pub(super) async fn newest_run(client: &Client) -> Result<String, Failure> {
    let page: Page<Run> = client.get(&["runs"], &[("limit", "1".to_owned())]).await?;
    let newest = page.items.first().map(|run| run.id.to_string());
    newest.ok_or_else(|| Failure::usage("there is no run yet; start one with `tradewind run`"))
}

pub(super) async fn run(
    arguments: &Arguments,
    client: &Client,
    wanted: &PipelineArguments,
    output: Output,
) -> Result<(), Failure> {
    let now = Timestamp(jiff::Timestamp::now().as_millisecond());
    if let Some(id) = &wanted.id {
        let id = if id == "latest" {
            newest_run(client).await?
        } else {
            id.clone()
        };
        if wanted.plan {
            return plan::show_kept(client, &id, output).await;
        }
        if wanted.replay {
            return plan::replay(arguments, client, &id, output).await;
        }
        let run: Run = if wanted.resume {
            client.post(&["runs", &id, "resume"], &json!({})).await?
        } else {
            client.get(&["runs", &id], &[]).await?
        };
        output.document(&run);
        let (name, word) = (&run.spec.name, run.phase.word());
        output.say(format!("{id}  {name}  {word}  {}", run_time(&run, now)));
        for (path, state) in in_order(&run) {
            output.say(format!("  {}", step_text(path, state)));
        }
        return Ok(());
    }
    let runs: Vec<Run> = first(client, &["runs"], &[], wanted.limit).await?;
    let heads = ["run", "pipeline", "state", "steps", "created", "took"];
    output.table(&heads, &runs, |run| {
        let over = run.steps.values().filter(|state| state.is_over()).count();
        vec![
            run.id.to_string(),
            run.spec.name.to_string(),
            run.phase.word().to_owned(),
            format!("{over}/{}", run.steps.len()),
            ago(run.created),
            run_time(run, now),
        ]
    });
    Ok(())
}
