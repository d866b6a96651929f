//! `jobs`: a list of jobs, or one of them.

use super::show::failure_text;
use crate::arguments::Listing;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, ago, number, took};
use domain::job::{Ending, FailureKind, Job, Outcome, Phase, Placement};
use domain::{Span, Timestamp};
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
            let [ran, cpu, memory] = used(job);
            let state = state(job).to_owned();
            vec![
                job.id.to_string(),
                state,
                ago(job.created),
                ran,
                cpu,
                memory,
            ]
        },
    );
    Ok(())
}

/// The state for people: a job whose stop was asked for is `stopping` until it is over.
fn state(job: &Job) -> &'static str {
    match job.phase {
        Phase::Ended { .. } => job.phase.word(),
        _ if job.stop_requested.is_some() => "stopping",
        _ => job.phase.word(),
    }
}

/// How long it ran, its processor time and its peak of memory; what is not known yet is `-`.
fn used(job: &Job) -> [String; 3] {
    let unknown = || "-".to_owned();
    if let Phase::Running { since, .. } = &job.phase {
        let now = Timestamp(jiff::Timestamp::now().as_millisecond());
        let ran = since.map_or_else(unknown, |since| took(since, now));
        return [ran, unknown(), unknown()];
    }
    match job.attempts.last() {
        Some(attempt) => {
            let usage = attempt.exit.usage;
            let memory = domain::ByteSize(usage.peak_memory);
            [
                usage.wall.to_string(),
                usage.cpu.to_string(),
                memory.to_string(),
            ]
        }
        None => [unknown(), unknown(), unknown()],
    }
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
        state(job),
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
