//! Amazon S3's and Amazon EventBridge's events.

use super::written;
use contracts::objects::ObjectHead;
use domain::Timestamp;
use domain::function::FunctionSchedule;
use serde_json::{Value, json};

/// The event of Amazon S3 (Amazon S3, "Event message structure"); keys in it are written as in
/// a form.
pub(super) fn object_created(trigger: &str, head: &ObjectHead) -> Value {
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": written(head.modified),
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": trigger,
            "bucket": {"name": head.bucket, "arn": format!("arn:aws:s3:::{}", head.bucket)},
            "object": {
                "key": form(&head.key),
                "size": head.bytes,
                "eTag": head.etag,
                "versionId": head.version,
                "sequencer": format!("{:016X}", head.modified.0),
            },
        },
    }]})
}

/// The event of EventBridge's schedules (Amazon EventBridge, "Schedule events").
pub(super) fn time_came(schedule: &FunctionSchedule, fired: Timestamp) -> Value {
    let time = jiff::Timestamp::from_millisecond(fired.0).unwrap_or_default();
    json!({
        "version": "0",
        "id": format!("{}-{}", schedule.trigger, fired.0),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": "us-east-1",
        "resources": [format!("arn:aws:events:us-east-1:123456789012:rule/{}", schedule.trigger)],
        "detail": {},
    })
}

/// Percent-encoding of a form, as S3's events have it.
pub(in crate::functions) fn form(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b' ' => out.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                out.push(char::from(byte));
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
        out
    })
}
