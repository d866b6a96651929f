//! `PutLogEvents`: keeps events of a stream, in the order of their times.

use crate::fault::Fault;
use crate::logs::own;
use crate::logs::streams::Event;
use crate::operation::{Call, Operation};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) struct PutLogEvents;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(rename = "logGroupName")]
    group: String,
    #[serde(rename = "logStreamName")]
    stream: String,
    #[serde(default, rename = "logEvents")]
    events: Vec<Put>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Put {
    timestamp: i64,
    message: String,
}

/// Most events of one request.
const MOST: usize = 10_000;
/// Most bytes, each event with what it costs besides its text.
const LARGEST: usize = 1 << 20;
const OVERHEAD: usize = 26;
/// How far events may lie in the past and in the future, in milliseconds.
const OLDEST: i64 = 14 * 86_400_000;
const NEWEST: i64 = 2 * 3_600_000;

impl Operation for PutLogEvents {
    const NAME: &'static str = "PutLogEvents";
    type Input = Input;
    type Output = Value;

    async fn run(call: &Call<'_>, input: Input) -> Result<Value, Fault> {
        let now = call.aws.control.world.now().0;
        let wrong = |text: &str| Fault::new("InvalidParameterException", text);
        if input.events.is_empty() || input.events.len() > MOST {
            return Err(wrong("1 to 10,000 logEvents must be given"));
        }
        let times = input.events.windows(2);
        if times
            .into_iter()
            .any(|pair| pair[0].timestamp > pair[1].timestamp)
        {
            return Err(wrong(
                "Log events in a single PutLogEvents request must be in chronological order.",
            ));
        }
        let size: usize = input
            .events
            .iter()
            .map(|event| event.message.len() + OVERHEAD)
            .sum();
        if size > LARGEST {
            return Err(wrong(
                "Upload too large: the events of one request have at most 1 MiB",
            ));
        }
        let (mut kept, mut old, mut new) = (Vec::new(), None, None);
        for (index, event) in input.events.into_iter().enumerate() {
            if event.timestamp < now - OLDEST {
                old = Some(index + 1);
            } else if event.timestamp > now + NEWEST {
                new = new.or(Some(index));
            } else {
                kept.push(Event {
                    ingestion_time: now,
                    ..Event::of(event.timestamp, event.message)
                });
            }
        }
        own::put(call, &input.group, &input.stream, &kept).await?;
        let mut answer = json!({"nextSequenceToken": format!("{now:056}")});
        if let Some(end) = old {
            answer["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"] = json!(end);
        }
        if let Some(start) = new {
            answer["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"] = json!(start);
        }
        Ok(answer)
    }
}
