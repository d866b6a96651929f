//! CloudEvents of Cloud Storage and Cloud Scheduler, in CloudEvents' JSON format
//! (<https://googleapis.github.io/google-cloudevents/>).

use super::written;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contracts::objects::ObjectHead;
use domain::Timestamp;
use domain::function::FunctionSchedule;
use serde_json::{Value, json};

/// `google.cloud.storage.object.v1.finalized`; its data is the object's resource, in which whole
/// numbers are texts.
pub(super) fn object_created(id: &str, head: &ObjectHead) -> Value {
    let ObjectHead { bucket, key, .. } = head;
    let time = written(head.modified);
    // Generations are microseconds at Cloud Storage.
    let generation = head.modified.0.saturating_mul(1_000).to_string();
    let mut data = json!({
        "kind": "storage#object",
        "id": format!("{bucket}/{key}/{generation}"),
        "bucket": bucket,
        "name": key,
        "generation": generation,
        "metageneration": "1",
        "size": head.bytes.to_string(),
        "contentType": head.content_type,
        "etag": head.etag,
        "metadata": head.metadata,
        "storageClass": "STANDARD",
        "timeCreated": time,
        "updated": time,
    });
    // Objects of several parts have no MD5.
    if let Some(digest) = bytes(&head.etag) {
        data["md5Hash"] = json!(STANDARD.encode(digest));
    }
    json!({
        "specversion": "1.0",
        "id": id,
        "type": "google.cloud.storage.object.v1.finalized",
        "source": format!("//storage.googleapis.com/projects/_/buckets/{bucket}"),
        "subject": format!("objects/{key}"),
        "bucket": bucket,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    })
}

/// `google.cloud.scheduler.job.v1.executed`.
pub(super) fn time_came(schedule: &FunctionSchedule, fired: Timestamp) -> Value {
    let job = format!("{}-{}", schedule.function, schedule.trigger);
    json!({
        "specversion": "1.0",
        "id": format!("{job}-{}", fired.0),
        "type": "google.cloud.scheduler.job.v1.executed",
        "source": format!("//cloudscheduler.googleapis.com/projects/_/locations/_/jobs/{job}"),
        "time": written(fired),
        "datacontenttype": "application/json",
        "data": {"customData": ""},
    })
}

/// Sixteen bytes in hexadecimal.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let hexadecimal = digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u128::from_str_radix(digits, 16)
        .ok()
        .filter(|_| hexadecimal)?;
    Some(number.to_be_bytes().to_vec())
}
