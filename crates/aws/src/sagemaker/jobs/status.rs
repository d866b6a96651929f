//! How a job stands, in SageMaker's words.

use crate::time::Epoch;
use domain::Timestamp;
use domain::job::{BrokenLimit, Ending, Failure, FailureKind, Job, Outcome, Phase};
use serde::Serialize;

/// Longest `FailureReason`.
const LONGEST_REASON: usize = 1_024;

/// Both words of a training job's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status {
    /// `InProgress`, `Completed`, …
    pub(crate) status: &'static str,
    /// `Starting`, `Training`, …
    pub(crate) secondary: &'static str,
}

/// How a job stands.
pub(crate) fn of(job: &Job) -> Status {
    let (status, secondary) = match (&job.phase, job.phase.outcome()) {
        (_, Some(Outcome::Succeeded { .. })) => ("Completed", "Completed"),
        (_, Some(Outcome::Stopped)) => ("Stopped", "Stopped"),
        (_, Some(Outcome::Failed { failure })) => match failure.kind {
            FailureKind::Limit(BrokenLimit::WallClock) => ("Stopped", "MaxRuntimeExceeded"),
            _ => ("Failed", "Failed"),
        },
        _ if job.stop_requested.is_some() => ("Stopping", "Stopping"),
        (
            Phase::Queued {
                not_before: Some(_),
            },
            _,
        ) => ("InProgress", "Restarting"),
        (Phase::Queued { .. } | Phase::Starting { .. }, _) => ("InProgress", "Starting"),
        (Phase::Running { since: None, .. }, _) => ("InProgress", "Downloading"),
        (Phase::Running { .. }, _) => ("InProgress", "Training"),
        (Phase::Collecting { .. } | Phase::Cleaning { .. } | Phase::Ended { .. }, _) => {
            ("InProgress", "Uploading")
        }
    };
    Status { status, secondary }
}

/// The words of our lists' phases for a status; empty means that all must be looked at.
pub(crate) fn phases(status: &str) -> Vec<String> {
    let words: &[&str] = match status {
        "Completed" => &["succeeded"],
        "Failed" => &["failed"],
        "Stopped" => &["stopped", "failed"],
        "InProgress" | "Stopping" => &["queued", "starting", "running", "collecting", "retrying"],
        _ => &[],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// When user code began, ended, and when anything last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Times {
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) modified: Timestamp,
}

/// The times of a job.
pub(crate) fn times(job: &Job) -> Times {
    let over = job.phase.outcome().is_some();
    let last = job.attempts.last();
    let running = match &job.phase {
        Phase::Running { since, .. } => *since,
        Phase::Collecting { exit, .. } => exit.started,
        _ => None,
    };
    let exit = match &job.phase {
        Phase::Collecting { exit, .. } => Some(exit.ended),
        _ => last.map(|attempt| attempt.exit.ended),
    };
    let started = running.or_else(|| last.and_then(|attempt| attempt.exit.started));
    let ended = match &job.phase {
        _ if !over => None,
        Phase::Ended { at, .. } => exit.or(Some(*at)),
        _ => exit,
    };
    let modified = [Some(job.created), started, exit, job.stop_requested, ended];
    let modified = modified.into_iter().flatten().max();
    Times {
        started,
        ended,
        modified: modified.unwrap_or(job.created),
    }
}

/// Seconds of user code, at least one once there were any.
pub(crate) fn seconds(times: Times) -> Option<i64> {
    let (started, ended) = (times.started?, times.ended?);
    Some(((ended.0 - started.0).max(0) / 1_000).max(1))
}

/// Why a job failed, with the prefix by which SageMaker says whose fault it is.
pub(crate) fn failure_reason(job: &Job) -> Option<String> {
    let Some(Outcome::Failed { failure }) = job.phase.outcome() else {
        return None;
    };
    if matches!(failure.kind, FailureKind::Limit(BrokenLimit::WallClock)) {
        return None;
    }
    Some(reason(failure))
}

fn reason(failure: &Failure) -> String {
    let whose = match failure.kind {
        FailureKind::UserCode | FailureKind::Limit(_) => "AlgorithmError",
        FailureKind::Environment
        | FailureKind::Input
        | FailureKind::Output
        | FailureKind::Unplaceable => "ClientError",
        FailureKind::Lost | FailureKind::Provider => "InternalServerError",
    };
    let mut text = format!("{whose}: {}", failure.message);
    if let Some(code) = failure.exit_code {
        text.push_str(&format!(", exit code: {code}"));
    }
    text.chars().take(LONGEST_REASON).collect()
}

/// A step of `SecondaryStatusTransitions`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Transition {
    status: &'static str,
    start_time: Epoch,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<Epoch>,
    status_message: &'static str,
}

/// The way of a job so far; SDKs print what is new of it.
pub(crate) fn transitions(job: &Job) -> Vec<Transition> {
    let (now, times) = (of(job), times(job));
    let mut way = vec![(
        "Starting",
        job.created,
        "Preparing the instances for training",
    )];
    if let Some(started) = times.started {
        way.push((
            "Downloading",
            job.created.max(started),
            "Downloading input data",
        ));
        way.push((
            "Training",
            started,
            "Training image download completed. Training in progress.",
        ));
    } else if now.secondary == "Downloading" {
        way.push(("Downloading", job.created, "Downloading input data"));
    }
    if let Some(exit) = exit(job) {
        way.push(("Uploading", exit, "Uploading generated training model"));
    }
    let at = times.ended.unwrap_or(times.modified);
    match now.secondary {
        "Completed" => way.push(("Completed", at, "Training job completed")),
        "Failed" => way.push(("Failed", at, "Training job failed")),
        "Stopping" => way.push(("Stopping", at, "Stopping the training job")),
        "Stopped" => way.push(("Stopped", at, "Training job stopped")),
        "MaxRuntimeExceeded" => {
            way.push((
                "MaxRuntimeExceeded",
                at,
                "Training job runtime exceeded the maximum",
            ));
        }
        _ => {}
    }
    let over = job.phase.outcome().is_some();
    let ends: Vec<Option<Timestamp>> = (1..=way.len())
        .map(|next| way.get(next).map(|(_, at, _)| *at).or(over.then_some(at)))
        .collect();
    way.into_iter()
        .zip(ends)
        .map(|((status, start, message), end)| Transition {
            status,
            start_time: Epoch(start),
            end_time: end.map(Epoch),
            status_message: message,
        })
        .collect()
}

/// When the outputs began to be kept, for an attempt that ended well.
fn exit(job: &Job) -> Option<Timestamp> {
    let exit = match &job.phase {
        Phase::Collecting { exit, .. } => exit,
        Phase::Queued { .. } | Phase::Starting { .. } | Phase::Running { .. } => return None,
        _ => &job.attempts.last()?.exit,
    };
    (exit.ending == Ending::Completed).then_some(exit.ended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::job::{Entry, JobSpec};
    use domain::{JobId, Workspace};

    fn job(phase: Phase) -> Job {
        let argv = vec!["true".to_owned()];
        let spec = JobSpec::new(Entry::Command { argv });
        let id = JobId::new("j").unwrap();
        let mut job = Job::new(id, Workspace::default(), spec, Timestamp(1_000));
        job.phase = phase;
        job
    }

    fn ended(outcome: Outcome) -> Job {
        job(Phase::Ended {
            outcome,
            at: Timestamp(9_000),
        })
    }

    fn failed(kind: FailureKind) -> Job {
        ended(Outcome::Failed {
            failure: Failure {
                kind,
                message: "it broke".into(),
                file: None,
                line: None,
                exit_code: Some(3),
            },
        })
    }

    #[test]
    fn phases_have_words() {
        let queued = job(Phase::Queued { not_before: None });
        assert_eq!(of(&queued).secondary, "Starting");
        assert_eq!(of(&ended(Outcome::Stopped)).status, "Stopped");
        let late = failed(FailureKind::Limit(BrokenLimit::WallClock));
        assert_eq!(of(&late).secondary, "MaxRuntimeExceeded");
        assert_eq!(failure_reason(&late), None);
        let broken = failed(FailureKind::UserCode);
        assert_eq!(
            failure_reason(&broken).as_deref(),
            Some("AlgorithmError: it broke, exit code: 3")
        );
    }

    #[test]
    fn the_way_ends_when_the_job_does() {
        let way = transitions(&ended(Outcome::Stopped));
        assert_eq!(way.last().unwrap().status, "Stopped");
        assert!(way.iter().all(|step| step.end_time.is_some()));
        let way = transitions(&job(Phase::Queued { not_before: None }));
        assert!(way.last().unwrap().end_time.is_none());
    }
}
