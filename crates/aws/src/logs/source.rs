//! Where a group's lines come from: jobs, endpoints, or who puts them there.

use super::endpoints;
use super::fault::{fault, no_such_group};
use super::functions;
use super::own;
use super::streams::{self, Group, Piece, Wanted};
use crate::fault::Fault;
use crate::operation::Call;
use crate::sagemaker::jobs::commands;
use control::jobs::JobFilter;
use domain::job::Phase;
use domain::{EndpointName, FunctionName};
use std::collections::BTreeMap;

/// Jobs whose streams a list without a prefix has.
const LISTED: usize = 1_000;

/// Where lines come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A job's lines are a stream.
    Jobs(Group),
    /// A replica's lines are a stream.
    Endpoint(EndpointName),
    /// An instance's lines are a stream.
    Function(FunctionName),
    /// A group that was made here.
    Own(String),
}

/// A stream in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) name: String,
    pub(super) created: i64,
    /// When its first and last lines were written, as far as that is known.
    pub(super) times: Option<(i64, i64)>,
}

/// The name of a group in a name or an ARN.
pub(crate) fn plain(text: &str) -> &str {
    let name = text.rsplit("log-group:").next().unwrap_or(text);
    name.strip_suffix(":*").unwrap_or(name)
}

impl Source {
    /// The source of a group.
    pub(super) async fn of(call: &Call<'_>, group: &str) -> Result<Self, Fault> {
        let group = plain(group);
        if let Ok(jobs) = Group::of(group) {
            return Ok(Self::Jobs(jobs));
        }
        if let Some(name) = endpoints::of_group(group) {
            let name = EndpointName::new(name).map_err(|_| no_such_group())?;
            endpoints::require(call, &name).await?;
            return Ok(Self::Endpoint(name));
        }
        if let Some(name) = functions::of_group(call, group).await? {
            return Ok(Self::Function(name));
        }
        own::require_group(call, group).await?;
        Ok(Self::Own(group.to_owned()))
    }

    /// The streams whose names begin so, in the order of their names.
    pub(super) async fn streams(
        &self,
        call: &Call<'_>,
        prefix: &str,
    ) -> Result<Vec<Stream>, Fault> {
        let mut all = match self {
            Self::Jobs(group) => of_jobs(call, *group, prefix).await?,
            Self::Endpoint(name) => of_endpoint(call, name).await?,
            Self::Function(name) => of_function(call, name).await?,
            Self::Own(group) => own::streams(call, group).await?,
        };
        all.retain(|stream| stream.name.starts_with(prefix));
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Lines of a stream.
    pub(super) async fn read(
        &self,
        call: &Call<'_>,
        stream: &str,
        wanted: &Wanted,
    ) -> Result<Piece, Fault> {
        match self {
            Self::Jobs(group) => streams::read(call, *group, stream, wanted).await,
            Self::Endpoint(name) => endpoints::read(call, name, stream, wanted).await,
            Self::Function(name) => functions::read(call, name, stream, wanted).await,
            Self::Own(group) => own::read(call, group, stream, wanted).await,
        }
    }
}

/// The streams of an endpoint's workers.
async fn of_endpoint(call: &Call<'_>, name: &EndpointName) -> Result<Vec<Stream>, Fault> {
    Ok(of_times(endpoints::streams(call, name).await?))
}

/// The streams of a function's instances, whose lines come oldest first.
async fn of_function(call: &Call<'_>, name: &FunctionName) -> Result<Vec<Stream>, Fault> {
    let mut times: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for line in functions::lines(call, name).await? {
        let at = line.time.0;
        times.entry(line.stream).or_insert((at, at)).1 = at;
    }
    Ok(of_times(times))
}

/// Streams by the times of their first and last lines.
fn of_times(times: BTreeMap<String, (i64, i64)>) -> Vec<Stream> {
    let streams = times.into_iter().map(|(name, times)| Stream {
        name,
        created: times.0,
        times: Some(times),
    });
    streams.collect()
}

async fn of_jobs(call: &Call<'_>, group: Group, prefix: &str) -> Result<Vec<Stream>, Fault> {
    let caller = call.caller();
    let shown = |name: &str, job: &domain::job::Job| {
        // A stream appears with the first line.
        let begun = !matches!(job.phase, Phase::Queued { .. });
        let streams = begun.then(|| streams::of_job(name, job));
        let created = job.created.0;
        let streams = streams.into_iter().flatten().map(move |(name, _)| Stream {
            name,
            created,
            times: None,
        });
        streams.collect::<Vec<Stream>>()
    };
    if !prefix.is_empty()
        && let Some((name, job)) = streams::job(call, group, prefix).await?
    {
        return Ok(shown(&name, &job));
    }
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let filter = JobFilter {
            tags: commands::labels(group.kind()),
            after,
            limit: 500,
            ..JobFilter::default()
        };
        let (page, next) = call
            .aws
            .control
            .jobs(&caller, &filter)
            .await
            .map_err(fault)?;
        let before = group.job("");
        all.extend(page.iter().flat_map(|job| {
            let name = commands::shown_name(group.kind(), &before, job);
            name.map(|name| shown(&name, job)).unwrap_or_default()
        }));
        after = next;
        if after.is_none() || all.len() >= LISTED {
            return Ok(all);
        }
    }
}
