//! What the worker makes a `TimerRequest` or an `InputStream` of; `tradewindTrigger` in it says
//! which trigger it is for (Azure Functions, "Timer trigger" and "Blob storage trigger").

use super::written;
use crate::Error;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contracts::objects::{ObjectHead, Objects};
use domain::function::FunctionSchedule;
use domain::{Refusal, Timestamp, Workspace};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};

/// Azure's host calls a timer past due that it fires later than it should.
const PAST_DUE: i64 = 60_000;
/// Most bytes of a blob that a function gets; in base64 it must fit a request to a worker.
const MOST: u64 = 22 << 20;

/// The new blob; what is in it comes to it when the call is made.
pub(super) fn object_created(head: &ObjectHead) -> Value {
    let time = written(head.modified);
    json!({
        "tradewindTrigger": "blobTrigger",
        "container": head.bucket,
        "name": head.key,
        "uri": format!("/{}/{}", head.bucket, head.key),
        "properties": {
            "ContentType": head.content_type,
            "ETag": head.etag,
            "LastModified": time,
            "Length": head.bytes,
        },
        "metadata": head.metadata,
    })
}

/// The timer's request.
pub(super) fn time_came(schedule: &FunctionSchedule, fired: Timestamp, now: Timestamp) -> Value {
    json!({
        "tradewindTrigger": "timerTrigger",
        "isPastDue": now.since(fired).0 > PAST_DUE,
        "schedule": {"AdjustForDST": true},
        "scheduleStatus": {"Last": written(fired), "LastUpdated": written(fired)},
        "name": schedule.trigger,
    })
}

/// Which blob an event is of.
#[derive(Deserialize)]
pub(in crate::functions) struct Blob {
    #[serde(rename = "tradewindTrigger")]
    trigger: String,
    pub(in crate::functions) container: String,
    pub(in crate::functions) name: String,
}

/// The blob of an event; none when it is another event.
pub(in crate::functions) fn blob(payload: &str) -> Option<Blob> {
    let blob: Blob = serde_json::from_str(payload).ok()?;
    (blob.trigger == "blobTrigger").then_some(blob)
}

/// The event with what is in the blob.
///
/// # Errors
/// When the object is gone or too large for a function.
pub(in crate::functions) async fn with_content(
    objects: &dyn Objects,
    workspace: &Workspace,
    blob: &Blob,
    payload: &str,
) -> Result<Bytes, Error> {
    let got = objects.get(workspace, &blob.container, &blob.name, None);
    let (head, mut stream) = got.await?;
    if head.bytes > MOST {
        return Err(Refusal::invalid(format!(
            "the object `{}/{}` has {} bytes; a function of Azure's form gets at most {MOST}",
            blob.container, blob.name, head.bytes
        ))
        .into());
    }
    let mut content = Vec::with_capacity(head.bytes as usize);
    while let Some(piece) = stream.next().await {
        content.extend_from_slice(&piece?);
    }
    let mut event: Value = serde_json::from_str(payload).unwrap_or_default();
    event["content"] = Value::from(STANDARD.encode(content));
    Ok(Bytes::from(event.to_string()))
}
