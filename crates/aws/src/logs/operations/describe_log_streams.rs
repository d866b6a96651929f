//! `DescribeLogStreams`: a page of the streams of a group.

use crate::fault::Fault;
use crate::logs::source::{Source, plain};
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct DescribeLogStreams;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(default)]
    log_group_name: Option<String>,
    #[serde(default)]
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_name_prefix: Option<String>,
    #[serde(default)]
    order_by: Option<String>,
    #[serde(default)]
    descending: bool,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// Streams of a page.
const MOST: usize = 50;

impl Operation for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let named = input
            .log_group_name
            .or(input.log_group_identifier)
            .unwrap_or_default();
        let group = plain(&named).to_owned();
        let source = Source::of(call, &group).await?;
        let prefix = input.log_stream_name_prefix.unwrap_or_default();
        let by_time = input.order_by.as_deref() == Some("LastEventTime");
        let wrong = |text: &str| Fault::new("InvalidParameterException", text);
        if by_time && !prefix.is_empty() {
            return Err(wrong(
                "Cannot order by LastEventTime with a logStreamNamePrefix.",
            ));
        }
        let mut streams = source.streams(call, &prefix).await?;
        if by_time {
            streams.sort_by_key(|stream| stream.times.map_or(stream.created, |(_, last)| last));
        }
        if input.descending {
            streams.reverse();
        }
        let from: usize = match input.next_token.as_deref() {
            None => 0,
            Some(token) => token
                .parse()
                .map_err(|_| wrong("The specified nextToken is invalid."))?,
        };
        let limit = input.limit.unwrap_or(MOST).clamp(1, MOST);
        let more = streams.len() > from.saturating_add(limit);
        let page = streams.into_iter().skip(from).take(limit);
        let shown = page.map(|stream| {
            let name = &stream.name;
            let mut shown = json!({
                "logStreamName": name,
                "creationTime": stream.created,
                "arn": call.arn("logs", &format!("log-group:{group}:log-stream:{name}")),
                "storedBytes": 0,
            });
            if let Some((first, last)) = stream.times {
                shown["firstEventTimestamp"] = json!(first);
                shown["lastEventTimestamp"] = json!(last);
                shown["lastIngestionTime"] = json!(last);
            }
            shown
        });
        let shown: Vec<Value> = shown.collect();
        let mut answer = json!({"logStreams": shown});
        if more {
            answer["nextToken"] = json!((from + limit).to_string());
        }
        Ok(answer)
    }
}
