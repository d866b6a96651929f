//! `jobs`: a list of jobs, or one of them.

use super::show::failure_text;
use crate::arguments::Listing;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago, number};
use domain::Span;
use domain::job::{Ending, FailureKind, Job, Outcome, Placement};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A page of the server's lists.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// For `after` of the next page.
    pub(super) next: Option<String>,
}

/// Most items that the server gives in one page.
const PAGE: u32 = 1_000;

/// The first `limit` items of a list, over as many pages as that takes.
pub(super) async fn first<T: DeserializeOwned>(
    client: &Client,
    path: &[&str],
    filter: &[(&str, String)],
    limit: u32,
) -> Result<Vec<T>, Failure> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let left = limit.saturating_sub(items.len() as u32);
        let mut query = filter.to_vec();
        query.push(("limit", left.clamp(1, PAGE).to_string()));
        query.extend(after.map(|after| ("after", after)));
        let page: Page<T> = client.get(path, &query).await?;
        items.extend(page.items);
        after = page.next.filter(|_| items.len() < limit as usize);
        if after.is_none() {
            return Ok(items);
        }
    }
}

pub(super) async fn run(client: &Client, wanted: &Listing, output: Output) -> Result<(), Failure> {
    if let Some(id) = &wanted.id {
        let job: Job = client.get(&["jobs", id], &[]).await?;
        output.document(&job);
        show(&job, output);
        return Ok(());
    }
    let phases = wanted.phase.clone().map(|phase| ("phase", phase));
    let filter: Vec<_> = phases.into_iter().collect();
    let jobs: Vec<Job> = first(client, &["jobs"], &filter, wanted.limit).await?;
    output.table(
        &["job", "state", "created", "ran", "cpu", "memory"],
        &jobs,
        |job| {
            let usage = job
                .attempts
                .last()
                .map(|attempt| attempt.exit.usage)
                .unwrap_or_default();
            vec![
                job.id.to_string(),
                job.phase.word().to_owned(),
                ago(job.created),
                usage.wall.to_string(),
                usage.cpu.to_string(),
                domain::ByteSize(usage.peak_memory).to_string(),
            ]
        },
    );
    Ok(())
}

/// A place in a few words: this machine by its provider's name alone.
fn place(at: &Placement) -> String {
    if at.provider == planner::pipeline::LOCAL {
        return at.provider.clone();
    }
    format!("{} {}, {}", at.provider, at.region, at.machine_type)
}

fn show(job: &Job, output: Output) {
    output.say(format!(
        "{}  {}  created {}",
        job.id,
        job.phase.word(),
        ago(job.created)
    ));
    for (index, attempt) in job.attempts.iter().enumerate() {
        let usage = attempt.exit.usage;
        output.say(format!(
            "  attempt {}: on {}, ran {}, CPU {}, peak memory {}",
            index + 1,
            place(&attempt.placement),
            usage.wall,
            usage.cpu,
            domain::ByteSize(usage.peak_memory)
        ));
        if let Ending::Failed { failure } = &attempt.exit.ending
            && failure.kind == FailureKind::Provider
        {
            output.say(format!("    refused there: {}", failure.message));
        }
        for warning in &attempt.exit.warnings {
            output.say(format!("    warning: {warning}"));
        }
    }
    for (name, value) in &job.metrics {
        output.say(format!("  {name} = {}", number(value.get())));
    }
    match job.phase.outcome() {
        Some(Outcome::Succeeded { artifacts }) => {
            for (name, location) in artifacts.model.iter().map(|at| ("model", at)).chain(
                artifacts
                    .outputs
                    .iter()
                    .map(|(name, at)| (name.as_str(), at)),
            ) {
                output.say(format!("  {name}: {location}"));
            }
        }
        Some(Outcome::Failed { failure }) => output.say(format!("  {}", failure_text(failure))),
        _ => {}
    }
    if job.spec.policy.retries.attempts > 1 {
        let longest: Span = job.spec.policy.retries.longest_backoff;
        output.say(format!(
            "  at most {} attempts, back-off up to {longest}",
            job.spec.policy.retries.attempts
        ));
    }
}
