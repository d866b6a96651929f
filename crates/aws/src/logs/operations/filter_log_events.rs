//! `FilterLogEvents`: lines of the streams that a prefix names. A pattern of plain words is
//! matched; the pattern language beyond is refused.

use crate::fault::Fault;
use crate::logs::endpoints;
use crate::logs::streams::{Event, Group, Wanted, job, read, stream};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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

impl Found {
    fn of(log_stream_name: String, event: Event, event_id: String) -> Self {
        Self {
            log_stream_name,
            timestamp: event.timestamp,
            message: event.message,
            ingestion_time: event.ingestion_time,
            event_id,
        }
    }
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
        let group_name = input.log_group_name.clone().unwrap_or_default();
        let words = words(input.filter_pattern.as_deref().unwrap_or(""))?;
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
        if let Some(endpoint) = endpoints::of_group(&group_name) {
            return of_endpoint(call, endpoint, &input, &wanted, &words).await;
        }
        let group = Group::of(&group_name)?;
        let wanted_name = input.log_stream_names.first().or(input.log_stream_name_prefix.as_ref());
        let Some(wanted_name) = wanted_name.filter(|_| input.log_stream_names.len() < 2) else {
            return Err(Fault::unsupported(
                "searching several streams is not served; give one, or a prefix `<job>/`",
            ));
        };
        let Some((name, job)) = job(call, group, wanted_name).await? else {
            return Ok(Output::default());
        };
        let name = stream(&name, &job);
        let piece = read(call, group, &name, &wanted).await?;
        let full = piece.events.len() >= wanted.limit as usize;
        let events = piece.events.into_iter().enumerate();
        let events = events
            .filter(|(_, event)| words.iter().all(|word| event.message.contains(word)))
            .map(|(at, event)| {
                Found::of(name.clone(), event, format!("{:050}{at:06}", wanted.offset))
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

/// Lines of an endpoint's workers, of all streams that are meant, in the order they were read.
async fn of_endpoint(
    call: &Call<'_>,
    endpoint: &str,
    input: &Input,
    wanted: &Wanted,
    words: &[String],
) -> Result<Output, Fault> {
    let prefix = input.log_stream_name_prefix.as_deref().unwrap_or("");
    let named = &input.log_stream_names;
    let meant = |stream: &String| {
        stream.starts_with(prefix) && (named.is_empty() || named.contains(stream))
    };
    let (mut events, mut searched, mut next_token) = (Vec::new(), BTreeSet::new(), None);
    for kept in endpoints::lines(call, endpoint, wanted.offset).await? {
        let stream = endpoints::stream(&kept);
        if !meant(&stream) || !wanted.holds(kept.at.0) {
            continue;
        }
        searched.insert(stream.clone());
        if !words.iter().all(|word| kept.line.text.contains(word)) {
            continue;
        }
        if events.len() >= wanted.limit as usize {
            next_token = Some((kept.number - 1).to_string());
            break;
        }
        let event = Event::of(kept.at.0, kept.line.text);
        events.push(Found::of(stream, event, format!("{:056}", kept.number)));
    }
    let searched = searched.into_iter().map(|log_stream_name| Searched {
        log_stream_name,
        searched_completely: next_token.is_none(),
    });
    Ok(Output {
        events,
        searched_log_streams: searched.collect(),
        next_token,
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
