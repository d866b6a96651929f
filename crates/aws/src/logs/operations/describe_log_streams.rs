//! `DescribeLogStreams`: the stream of the job whose name the prefix begins with.

use crate::fault::Fault;
use crate::logs::streams::{Group, job, stream};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

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

impl Operation for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let group = Group::of(&input.log_group_name)?;
        let prefix = input.log_stream_name_prefix.unwrap_or_default();
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
            (begun && name.starts_with(&prefix)).then(|| Stream {
                arn: call.arn(
                    "logs",
                    &format!("log-group:{}:log-stream:{name}", group.name()),
                ),
                log_stream_name: name,
                creation_time: job.created.0,
                stored_bytes: 0,
            })
        });
        Ok(Output {
            log_streams: streams.collect(),
        })
    }
}
