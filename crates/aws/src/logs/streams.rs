//! The groups and streams of SageMaker's jobs: each host of a job has one, `<name>/algo-<number>-
//! <second>`.

use super::fault::{fault, no_such_group, no_such_stream};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::jobs::{self, commands};
use domain::Timestamp;
use domain::gang;
use domain::job::Job;
use serde::{Deserialize, Serialize};

/// A group of jobs' logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// Training jobs.
    Training,
    /// Processing jobs.
    Processing,
    /// Transform jobs.
    Transform,
}

impl Group {
    /// All of them.
    pub(super) const ALL: &[Self] = &[Self::Processing, Self::Training, Self::Transform];

    /// The group of a name.
    pub(super) fn of(name: &str) -> Result<Self, Fault> {
        match name {
            "/aws/sagemaker/TrainingJobs" => Ok(Self::Training),
            "/aws/sagemaker/ProcessingJobs" => Ok(Self::Processing),
            "/aws/sagemaker/TransformJobs" => Ok(Self::Transform),
            _ => Err(no_such_group()),
        }
    }

    /// The group's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Training => "/aws/sagemaker/TrainingJobs",
            Self::Processing => "/aws/sagemaker/ProcessingJobs",
            Self::Transform => "/aws/sagemaker/TransformJobs",
        }
    }

    /// The kind of the group's jobs.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Training => jobs::TRAINING,
            Self::Processing => jobs::PROCESSING,
            Self::Transform => jobs::TRANSFORM,
        }
    }

    /// The id of the job of a name.
    pub(super) fn job(self, name: &str) -> String {
        match self {
            Self::Training => name.to_owned(),
            Self::Processing => jobs::processing_id(name),
            Self::Transform => jobs::transform_id(name),
        }
    }
}

/// A job's streams with the hosts whose they are.
pub(super) fn of_job(name: &str, job: &Job) -> Vec<(String, String)> {
    let second = job.created.0 / 1_000;
    let hosts = gang::hosts(job.spec.resources.nodes).into_iter();
    hosts
        .map(|host| (format!("{name}/{host}-{second}"), host))
        .collect()
}

/// A line of a job's log as a host's stream has it; `None` when it is another host's. Lines about
/// the whole job are in every stream.
fn of_host<'a>(job: &Job, host: &str, text: &'a str) -> Option<&'a str> {
    if job.spec.resources.nodes <= 1 {
        return Some(text);
    }
    match gang::read_line(text) {
        Some((whose, text)) => (whose == host).then_some(text),
        None => Some(text),
    }
}

/// The job of a stream's name or of what it begins with.
pub(super) async fn job(
    call: &Call<'_>,
    group: Group,
    stream: &str,
) -> Result<Option<(String, Job)>, Fault> {
    let name = stream.split('/').next().unwrap_or(stream);
    match commands::look(call, group.kind(), &group.job(name)).await? {
        Some(job) => Ok(Some((name.to_owned(), job))),
        None => Ok(None),
    }
}

/// A line as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) timestamp: i64,
    pub(super) message: String,
    pub(super) ingestion_time: i64,
}

impl Event {
    /// A line that was read at a time in milliseconds. CloudWatch has no empty events.
    pub(super) fn of(timestamp: i64, text: String) -> Self {
        let message = if text.is_empty() {
            " ".to_owned()
        } else {
            text
        };
        Self {
            timestamp,
            message,
            ingestion_time: timestamp,
        }
    }
}

/// A piece of a stream.
pub(super) struct Piece {
    pub(super) events: Vec<Event>,
    /// Where reading goes on.
    pub(super) next: u64,
}

/// Which lines of a stream.
pub(super) struct Wanted {
    /// From here on.
    pub(super) offset: u64,
    /// At most so many.
    pub(super) limit: u32,
    /// Not older than this, in milliseconds.
    pub(super) from: Option<i64>,
    /// Older than this, in milliseconds.
    pub(super) to: Option<i64>,
}

impl Wanted {
    /// Whether a line of that time is wanted.
    pub(super) fn holds(&self, at: i64) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// Lines of a job's stream.
pub(super) async fn read(
    call: &Call<'_>,
    group: Group,
    stream_name: &str,
    wanted: &Wanted,
) -> Result<Piece, Fault> {
    let (name, job) = job(call, group, stream_name)
        .await?
        .ok_or_else(no_such_stream)?;
    let mut streams = of_job(&name, &job).into_iter();
    let (_, host) = streams
        .find(|(stream, _)| stream == stream_name)
        .ok_or_else(no_such_stream)?;
    let (mut events, mut next) = (Vec::new(), wanted.offset);
    while events.len() < wanted.limit as usize {
        let left = wanted.limit - events.len() as u32;
        let logs = call
            .aws
            .control
            .job_logs(&call.caller(), &job.id, next, left)
            .await;
        let logs = logs.map_err(fault)?;
        if logs.chunk.lines.is_empty() {
            break;
        }
        for line in logs.chunk.lines.into_iter().take(left as usize) {
            next = line.next;
            let Timestamp(at) = line.at;
            if let Some(text) = of_host(&job, &host, &line.text)
                && wanted.holds(at)
            {
                events.push(Event::of(at, text.to_owned()));
            }
        }
    }
    Ok(Piece { events, next })
}
