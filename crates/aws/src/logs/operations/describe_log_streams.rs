//! `DescribeLogStreams`: the stream of the job whose name the prefix begins with, or those of an
//! endpoint's workers.

use crate::fault::Fault;
use crate::logs::endpoints;
use crate::logs::streams::{Group, job, stream};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(crate) struct DescribeLogStreams;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    log_group_name: String,
    #[serde(default)]
    log_stream_name_prefix: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    log_streams: Vec<Stream>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Stream {
    log_stream_name: String,
    creation_time: i64,
    arn: String,
    stored_bytes: i64,
}

impl Stream {
    fn of(call: &Call<'_>, group: &str, name: String, created: i64) -> Self {
        Self {
            arn: call.arn("logs", &format!("log-group:{group}:log-stream:{name}")),
            log_stream_name: name,
            creation_time: created,
            stored_bytes: 0,
        }
    }
}

/// The streams of an endpoint's workers, in the order of their names.
async fn of_endpoint(
    call: &Call<'_>,
    group: &str,
    endpoint: &str,
    prefix: &str,
) -> Result<Output, Fault> {
    let mut first = BTreeMap::new();
    for kept in endpoints::lines(call, endpoint, 0).await? {
        first.entry(endpoints::stream(&kept)).or_insert(kept.at.0);
    }
    let streams = first.into_iter().filter(|(name, _)| name.starts_with(prefix));
    Ok(Output {
        log_streams: streams.map(|(name, at)| Stream::of(call, group, name, at)).collect(),
    })
}

impl Operation for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let prefix = input.log_stream_name_prefix.unwrap_or_default();
        if let Some(endpoint) = endpoints::of_group(&input.log_group_name) {
            return of_endpoint(call, &input.log_group_name, endpoint, &prefix).await;
        }
        let group = Group::of(&input.log_group_name)?;
        if prefix.is_empty() {
            return Err(Fault::unsupported(
                "listing all streams of a group is not served; give logStreamNamePrefix `<job>/`",
            ));
        }
        let found = job(call, group, &prefix).await?;
        let streams = found.into_iter().filter_map(|(name, job)| {
            // A stream appears with the first line.
            let name = stream(&name, &job);
            let begun = !matches!(job.phase, domain::job::Phase::Queued { .. });
            (begun && name.starts_with(&prefix))
                .then(|| Stream::of(call, group.name(), name, job.created.0))
        });
        Ok(Output {
            log_streams: streams.collect(),
        })
    }
}
