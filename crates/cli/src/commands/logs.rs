//! `logs`: what a job, or the jobs of a run, printed.

use super::jobs::Page;
use super::pipelines::newest_run;
use super::show::in_order;
use crate::arguments::LogArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::Output;
use contracts::backend::LogLine;
use domain::job::Job;
use domain::pipeline::{Run, StepState};
use serde::Deserialize;
use std::time::Duration;

/// Pause between two looks at a log that is being followed.
const POLL: Duration = Duration::from_millis(100);

/// A piece of log as the server sends it.
#[derive(Debug, Deserialize)]
pub(super) struct LogPage {
    pub(super) lines: Vec<LogLine>,
    pub(super) next: u64,
    pub(super) complete: bool,
}

/// A piece of a job's log.
pub(super) async fn piece(client: &Client, job: &str, offset: u64) -> Result<LogPage, Failure> {
    client
        .get(&["jobs", job, "logs"], &[("offset", offset.to_string())])
        .await
}

pub(super) async fn run(
    client: &Client,
    wanted: &LogArguments,
    output: Output,
) -> Result<(), Failure> {
    let jobs = jobs_of(client, &wanted.id).await?;
    let several = jobs.len() > 1;
    for job in jobs {
        if several {
            output.say(format!("--- {job}"));
        }
        print(client, &job, wanted.follow, output).await?;
    }
    Ok(())
}

/// The jobs that an id stands for: itself, or those of the run.
async fn jobs_of(client: &Client, id: &str) -> Result<Vec<String>, Failure> {
    let id = if id == "latest" {
        newest_run(client).await?
    } else {
        id.to_owned()
    };
    let query = [("run", id.clone()), ("limit", "1000".to_owned())];
    let page: Page<Job> = client.get(&["jobs"], &query).await?;
    if page.items.is_empty() {
        return Ok(cached_jobs(client, &id).await.unwrap_or_else(|| vec![id]));
    }
    Ok(page
        .items
        .iter()
        .rev()
        .map(|job| job.id.to_string())
        .collect())
}

/// The jobs of earlier runs whose results a run took; `None` when this is no run.
async fn cached_jobs(client: &Client, id: &str) -> Option<Vec<String>> {
    let run: Run = client.get(&["runs", id], &[]).await.ok()?;
    let jobs = in_order(&run)
        .into_iter()
        .filter_map(|(_, state)| match state {
            StepState::Succeeded { job, .. } => job.as_ref(),
            _ => None,
        });
    Some(jobs.map(ToString::to_string).collect())
}

async fn print(client: &Client, job: &str, follow: bool, output: Output) -> Result<(), Failure> {
    let mut offset = 0;
    loop {
        let page = piece(client, job, offset).await?;
        for line in &page.lines {
            if output.json {
                output.raw(serde_json::to_string(line).unwrap_or_default());
            } else {
                output.raw(&line.text);
            }
        }
        offset = page.next;
        if page.complete || (page.lines.is_empty() && !follow) {
            return Ok(());
        }
        if page.lines.is_empty() {
            tokio::time::sleep(POLL).await;
        }
    }
}
