//! `GetLogEvents`: lines of a stream, forward from its head. A token says where reading goes on;
//! the one that was given comes back when there is nothing new.

use crate::fault::Fault;
use crate::logs::source::Source;
use crate::logs::streams::{Event, Wanted};
use crate::operation::{Call, Operation};
use serde::{Deserialize, Serialize};

/// Most events of one answer, and what is taken without a limit.
const MOST: u32 = 10_000;

pub(crate) struct GetLogEvents;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(default)]
    log_group_name: Option<String>,
    #[serde(default)]
    log_group_identifier: Option<String>,
    log_stream_name: String,
    #[serde(default)]
    start_time: Option<i64>,
    #[serde(default)]
    end_time: Option<i64>,
    #[serde(default)]
    next_token: Option<String>,
    #[serde(default)]
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    events: Vec<Event>,
    next_forward_token: String,
    next_backward_token: String,
}

impl Operation for GetLogEvents {
    const NAME: &'static str = "GetLogEvents";
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call<'_>, input: Input) -> Result<Output, Fault> {
        let name = input
            .log_group_name
            .or(input.log_group_identifier)
            .unwrap_or_default();
        let source = Source::of(call, &name).await?;
        let offset = match input.next_token.as_deref() {
            None => 0,
            Some(token) => offset(token)?,
        };
        let wanted = Wanted {
            offset,
            limit: input.limit.unwrap_or(MOST).clamp(1, MOST),
            from: input.start_time,
            to: input.end_time,
        };
        let piece = source.read(call, &input.log_stream_name, &wanted).await?;
        Ok(Output {
            events: piece.events,
            next_forward_token: format!("f/{}", piece.next),
            next_backward_token: format!("b/{offset}"),
        })
    }
}

/// Reading backward is not needed by any SDK that waits; its token leads to where it began.
fn offset(token: &str) -> Result<u64, Fault> {
    let number = token
        .strip_prefix("f/")
        .or_else(|| token.strip_prefix("b/"));
    number
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| {
            Fault::new(
                "InvalidParameterException",
                "The specified nextToken is invalid.",
            )
        })
}
