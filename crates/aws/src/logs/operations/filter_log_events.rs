//! `FilterLogEvents`: lines of the streams that a prefix or names choose. A pattern of plain words
//! is matched; the pattern language beyond is refused.

use crate::fault::Fault;
use crate::logs::endpoints::PREFIX;
use crate::logs::source::{Source, Stream, plain};
use crate::logs::streams::Wanted;
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

const MOST: u32 = 10_000;

pub(crate) struct FilterLogEvents;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(default)]
    log_group_name: Option<String>,
    #[serde(default)]
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_names: Vec<String>,
    #[serde(default)]
    log_stream_name_prefix: Option<String>,
    #[serde(default)]
    start_time: Option<i64>,
    #[serde(default)]
    end_time: Option<i64>,
    #[serde(default)]
    filter_pattern: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<u32>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    events: Vec<Found>,
    searched_log_streams: Vec<Searched>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    log_stream_name: String,
    timestamp: i64,
    message: String,
    ingestion_time: i64,
    event_id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Searched {
    log_stream_name: String,
    searched_completely: bool,
}

impl Operation for FilterLogEvents {
    const NAME: &'static str = "FilterLogEvents";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let named = input
            .log_group_name
            .as_ref()
            .or(input.log_group_identifier.as_ref());
        let group = plain(named.map_or("", String::as_str));
        let words = words(input.filter_pattern.as_deref().unwrap_or(""))?;
        let source = match Source::of(call, group).await {
            Ok(source) => source,
            // SDKs poll the group of an endpoint before the endpoint is there.
            Err(_) if group.starts_with(PREFIX) => return Ok(Output::default()),
            Err(fault) => return Err(fault),
        };
        let streams = chosen(call, &source, &input).await?;
        let (mut at, mut offset) = start(input.next_token.as_deref())?;
        let limit = input.limit.unwrap_or(MOST).clamp(1, MOST);
        let mut output = Output::default();
        while let Some(stream) = streams.get(at) {
            let left = limit.saturating_sub(output.events.len() as u32);
            if left == 0 {
                output.next_token = Some(format!("{at}/{offset}"));
                break;
            }
            let wanted = Wanted {
                offset,
                limit: left,
                from: input.start_time,
                to: input.end_time,
            };
            let piece = source.read(call, &stream.name, &wanted).await?;
            let full = piece.events.len() >= left as usize;
            let events = piece.events.into_iter().enumerate();
            let events = events
                .filter(|(_, event)| words.iter().all(|word| event.message.contains(word)))
                .map(|(number, event)| Found {
                    log_stream_name: stream.name.clone(),
                    timestamp: event.timestamp,
                    message: event.message,
                    ingestion_time: event.ingestion_time,
                    event_id: format!("{at:06}{:020}{number:06}", wanted.offset),
                });
            output.events.extend(events);
            output.searched_log_streams.push(Searched {
                log_stream_name: stream.name.clone(),
                searched_completely: !full,
            });
            if full {
                offset = piece.next;
                output.next_token = Some(format!("{at}/{offset}"));
                break;
            }
            (at, offset) = (at + 1, 0);
        }
        output.events.sort_by_key(|event| event.timestamp);
        Ok(output)
    }
}

/// The streams of a request; names that are not there are left out.
async fn chosen(call: &Call<'_>, source: &Source, input: &Input) -> Result<Vec<Stream>, Fault> {
    if input.log_stream_names.is_empty() {
        let prefix = input.log_stream_name_prefix.as_deref().unwrap_or_default();
        return source.streams(call, prefix).await;
    }
    let mut all = Vec::new();
    for name in &input.log_stream_names {
        let found = source.streams(call, name).await?;
        all.extend(found.into_iter().filter(|stream| stream.name == *name));
    }
    Ok(all)
}

/// Where a token goes on: the stream and the place in it.
fn start(token: Option<&str>) -> Result<(usize, u64), Fault> {
    let Some(token) = token else {
        return Ok((0, 0));
    };
    let parts = token.split_once('/');
    let read = parts.and_then(|(at, offset)| Some((at.parse().ok()?, offset.parse().ok()?)));
    read.ok_or_else(|| {
        Fault::new(
            "InvalidParameterException",
            "The specified nextToken is invalid.",
        )
    })
}

/// The words of a pattern without operators, all of which a line must have.
fn words(pattern: &str) -> Result<Vec<String>, Fault> {
    if pattern.contains(['{', '[', '?', '%', '"', '-']) {
        return Err(Fault::unsupported(
            "of filter patterns only plain words are served, all of which a line must have",
        ));
    }
    Ok(pattern.split_whitespace().map(str::to_owned).collect())
}
