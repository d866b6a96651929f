//! What a caller gives with an event, and the ids of calls.

use crate::Control;
use bytes::Bytes;
use domain::Refusal;
use domain::function::Qualifier;

/// Most bytes of an event (AWS Lambda's quota for synchronous calls).
const MOST_EVENT: usize = 6 << 20;
/// Most bytes of an event that is kept until its turn (AWS Lambda's quota).
const MOST_KEPT: usize = 1 << 20;

/// An event for a function.
#[derive(Debug, Clone, Default)]
pub struct EventCall {
    /// Which version.
    pub qualifier: Qualifier,
    /// JSON text; empty is `{}`.
    pub payload: Bytes,
    /// What the caller says of itself, as JSON text.
    pub client_context: Option<String>,
    /// The name by which the function was asked for, such as an ARN; unset makes one.
    pub invoked: Option<String>,
    /// The id of the call; unset makes one.
    pub request: Option<String>,
}

impl EventCall {
    /// The event's text, checked.
    pub(super) fn text(&self) -> Result<Bytes, Refusal> {
        if self.payload.is_empty() {
            return Ok(Bytes::from_static(b"{}"));
        }
        if self.payload.len() > MOST_EVENT {
            return Err(Refusal::invalid(format!(
                "the event has {} bytes; at most {MOST_EVENT} are possible",
                self.payload.len()
            )));
        }
        let parsed: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(&self.payload);
        match parsed {
            Ok(_) => Ok(self.payload.clone()),
            Err(error) => Err(Refusal::invalid(format!("the event is not JSON: {error}"))),
        }
    }

    /// The text of an event that is kept until its turn.
    pub(super) fn kept_text(&self) -> Result<String, Refusal> {
        let text = self.text()?;
        if text.len() > MOST_KEPT {
            return Err(Refusal::invalid(format!(
                "the event has {} bytes; at most {MOST_KEPT} are possible for asynchronous calls",
                text.len()
            )));
        }
        String::from_utf8(text.to_vec())
            .map_err(|_| Refusal::invalid("the event is not UTF-8 text"))
    }
}

impl Control {
    /// A fresh UUID of version 7 (RFC 9562), as text.
    pub fn fresh_request(&self) -> String {
        let id = self.world.fresh_id("r");
        let digits = id.trim_start_matches("r-");
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        format!(
            "{}-{}-{}-{}-{}",
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32)
        )
    }
}
