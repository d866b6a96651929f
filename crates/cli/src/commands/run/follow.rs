//! Follows a run to its end: states of steps as they change, logs as they are printed.

use super::super::jobs::Page;
use super::super::logs::piece;
use super::super::show::{failure_text, in_order, run_time, step_text};
use super::next::Hints;
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{Output, number};
use crate::progress::Progress;
use domain::job::Job;
use domain::pipeline::{Run, RunPhase, StepState};
use domain::{JobId, RunId, StepPath, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Pause between two looks.
const POLL: Duration = Duration::from_millis(100);

/// Pause once only the last steps are left, at first: who waits for the end shall not wait longer
/// than for it. It grows to the other, since the last step may take long.
const POLL_AT_THE_END: Duration = Duration::from_millis(20);
/// A look at a wide run takes a while. So many times as long as it took nothing is asked then, so that
/// looking does not keep from working what is looked at.
const REST: u32 = 4;
/// But no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(1);
/// How many steps are the last.
const LAST_STEPS: usize = 2;

/// Pause between two looks at which jobs may be printing: of a wide run they are many.
const LOOK_AROUND: Duration = Duration::from_millis(300);

/// The phases in which a job may have printed something new.
const PRINTING: &str = "starting,running,collecting,retrying";

/// What was shown already.
#[derive(Default)]
struct Shown {
    states: BTreeMap<StepPath, &'static str>,
    logs: BTreeMap<JobId, u64>,
    /// Which jobs may be printing, and when that was asked.
    printing: Option<(Instant, BTreeSet<JobId>)>,
}

pub(super) async fn follow(
    client: &Client,
    id: &RunId,
    hints: &Hints<'_>,
    output: Output,
) -> Result<(), Failure> {
    let mut shown = Shown::default();
    let progress = Progress::new(output);
    let mut pause = POLL;
    let mut is_near = false;
    loop {
        let began = Instant::now();
        let look = async {
            let run: Run = client.get(&["runs", id.as_str()], &[]).await?;
            shown.steps(client, &run, &progress).await?;
            Ok::<Run, Failure>(run)
        };
        let run = tokio::select! {
            run = look => run?,
            _ = tokio::signal::ctrl_c() => return Err(detached(id)),
        };
        let rest = (began.elapsed() * REST).min(LONGEST_REST);
        if run.phase.is_over() {
            progress.end();
            return finish(client, &run, hints, output);
        }
        let open = run.steps.values().filter(|state| !state.is_over()).count();
        pause = match (is_near, open <= LAST_STEPS) {
            (_, false) => POLL,
            (false, true) => POLL_AT_THE_END,
            (true, true) => (pause * 3 / 2).min(POLL),
        };
        is_near = open <= LAST_STEPS;
        tokio::select! {
            () = tokio::time::sleep(pause.max(rest)) => {}
            _ = tokio::signal::ctrl_c() => return Err(detached(id)),
        }
    }
}

fn detached(id: &RunId) -> Failure {
    Failure::Interrupted(format!(
        "the run goes on without you; see it with `tradewind pipelines {id}`, end it with \
         `tradewind stop {id}`"
    ))
}

impl Shown {
    async fn steps(
        &mut self,
        client: &Client,
        run: &Run,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let known = self.printing.take();
        let known = known.filter(|(asked, _)| asked.elapsed() < LOOK_AROUND);
        let (asked, printing) = match known {
            Some(known) => known,
            None => (Instant::now(), printing(client, run).await?),
        };
        for (path, state) in in_order(run) {
            if let Some(job) = own_job(run, state)
                && (state.is_over() || printing.contains(job))
            {
                self.log(client, path, job, progress).await?;
            }
            let word = state.word();
            if *state != StepState::Waiting && self.states.insert(path.clone(), word) != Some(word)
            {
                progress.say(&step_text(path, state));
            }
        }
        self.printing = Some((asked, printing));
        let over = run.steps.values().filter(|state| state.is_over()).count();
        let running = in_order(run).into_iter();
        let running = running.filter(|(_, state)| matches!(state, StepState::Running { .. }));
        let names: Vec<String> = running.map(|(path, _)| path.to_string()).collect();
        progress.at(over, run.steps.len(), &names.join(", "));
        Ok(())
    }

    async fn log(
        &mut self,
        client: &Client,
        path: &StepPath,
        job: &JobId,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let offset = self.logs.get(job).copied().unwrap_or(0);
        if offset == u64::MAX {
            return Ok(());
        }
        let page = match piece(client, job.as_str(), offset).await {
            Ok(page) => page,
            Err(Failure::Refused { code, .. }) if code == "not-found" => return Ok(()),
            Err(failure) => return Err(failure),
        };
        for line in &page.lines {
            progress.say(&format!("  {path} | {}", line.text));
        }
        let next = if page.complete { u64::MAX } else { page.next };
        self.logs.insert(job.clone(), next);
        Ok(())
    }
}

/// The jobs of the run that may be printing now: most of a wide run's wait for their turn, and to
/// ask each for its log would cost more than the run itself.
async fn printing(client: &Client, run: &Run) -> Result<BTreeSet<JobId>, Failure> {
    let running = run.steps.values();
    let mut running = running.filter(|state| matches!(state, StepState::Running { .. }));
    if running.next().is_none() {
        return Ok(BTreeSet::new());
    }
    let query = [
        ("run", run.id.to_string()),
        ("phase", PRINTING.to_owned()),
        ("limit", "1000".to_owned()),
    ];
    let page: Page<Job> = client.get(&["jobs"], &query).await?;
    Ok(page.items.into_iter().map(|job| job.id).collect())
}

/// The job of this run that does a step; none when an earlier run's result was taken.
fn own_job<'a>(run: &Run, state: &'a StepState) -> Option<&'a JobId> {
    let job = match state {
        StepState::Running { job, .. }
        | StepState::Failed { job, .. }
        | StepState::Stopped { job }
        | StepState::Succeeded {
            job, cached: false, ..
        } => job.as_ref()?,
        _ => return None,
    };
    job.as_str().starts_with(run.id.as_str()).then_some(job)
}

fn finish(client: &Client, run: &Run, hints: &Hints<'_>, output: Output) -> Result<(), Failure> {
    output.document(run);
    let now = Timestamp(jiff::Timestamp::now().as_millisecond());
    let time = run_time(run, now);
    match run.phase {
        RunPhase::Succeeded => {
            output.say(format!("succeeded in {time}"));
            conclude(client, run, hints, output);
            Ok(())
        }
        RunPhase::Stopped => Err(Failure::Failed(format!("run `{}` was stopped", run.id))),
        _ => {
            let failed = run.steps.iter().filter_map(|(path, state)| match state {
                StepState::Failed { failure, .. } => {
                    Some(format!("step `{path}` failed: {}", failure_text(failure)))
                }
                _ => None,
            });
            let mut text = failed.collect::<Vec<_>>().join("\n");
            text.push_str(&format!(
                "\nsee the whole log with `tradewind logs {0}`; go on from the failed step with \
                 `tradewind pipelines {0} --resume`",
                run.id
            ));
            Err(Failure::Failed(text))
        }
    }
}

/// The prediction, and what to do next.
fn conclude(client: &Client, run: &Run, hints: &Hints<'_>, output: Output) {
    let mut endpoint = None;
    for state in run.steps.values() {
        let StepState::Succeeded { result, .. } = state else {
            continue;
        };
        let value = |name: &str| result.values.get(name);
        if let Some(answer) = value("answer") {
            let milliseconds = value("microseconds")
                .and_then(serde_json::Value::as_f64)
                .unwrap_or(0.0)
                / 1_000.0;
            let version = value("version")
                .and_then(|v| v.as_str())
                .unwrap_or("the model");
            if let Some(request) = value("request") {
                output.say(format!("sent       {}", short(&request.to_string())));
            }
            output.say(format!("prediction {}", short(&answer.to_string())));
            output.say(format!(
                "           by {version} in {} ms",
                number(milliseconds)
            ));
        }
        if let Some(name) = value("endpoint").and_then(|name| name.as_str()) {
            endpoint = Some(name.to_owned());
        }
    }
    hints.say(client, endpoint.as_deref(), output);
}

fn short(text: &str) -> String {
    const LONGEST: usize = 160;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}…")
}
