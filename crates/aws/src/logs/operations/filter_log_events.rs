//! `FilterLogEvents`: lines of the streams that a prefix names. A pattern of plain words is
//! matched; the pattern language beyond is refused.

use crate::fault::Fault;
use crate::logs::streams::{Group, Wanted, job, read, stream};
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

#[derive(Debug, Serialize)]
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
        let group_name = input.log_group_name.unwrap_or_default();
        let empty = Output {
            events: Vec::new(),
            searched_log_streams: Vec::new(),
            next_token: None,
        };
        // Endpoints keep no lines here; SDKs poll their group while they wait.
        if group_name.starts_with("/aws/sagemaker/Endpoints/") {
            return Ok(empty);
        }
        let group = Group::of(&group_name)?;
        let words = words(input.filter_pattern.as_deref().unwrap_or(""))?;
        let wanted_name = input.log_stream_names.first().or(input.log_stream_name_prefix.as_ref());
        let Some(wanted_name) = wanted_name.filter(|_| input.log_stream_names.len() < 2) else {
            return Err(Fault::unsupported(
                "searching several streams is not served; give one, or a prefix `<job>/`",
            ));
        };
        let Some((name, job)) = job(call, group, wanted_name).await? else {
            return Ok(empty);
        };
        let name = stream(&name, &job);
        let token = input.next_token.as_deref().map(str::parse::<u64>);
        let offset = token.transpose().map_err(|_| {
            Fault::new("InvalidParameterException", "The specified nextToken is invalid.")
        })?;
        let wanted = Wanted {
            offset: offset.unwrap_or(0),
            limit: input.limit.unwrap_or(MOST).clamp(1, MOST),
            from: input.start_time,
            to: input.end_time,
        };
        let piece = read(call, group, &name, &wanted).await?;
        let full = piece.events.len() >= wanted.limit as usize;
        let events = piece.events.into_iter().enumerate();
        let events = events
            .filter(|(_, event)| words.iter().all(|word| event.message.contains(word)))
            .map(|(at, event)| Found {
                log_stream_name: name.clone(),
                timestamp: event.timestamp,
                message: event.message,
                ingestion_time: event.ingestion_time,
                event_id: format!("{:020}{at:06}", wanted.offset),
            });
        Ok(Output {
            events: events.collect(),
            searched_log_streams: vec![Searched {
                log_stream_name: name.clone(),
                searched_completely: !full,
            }],
            next_token: full.then(|| piece.next.to_string()),
        })
    }
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
