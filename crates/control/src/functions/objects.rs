//! Functions and buckets: records that are kept there, and calls for new objects.

use super::rows::bucket_label;
use crate::rows::{Stored, read};
use crate::{Control, Error};
use bytes::Bytes;
use contracts::objects::{ObjectError, ObjectHead, PutOptions};
use contracts::store::{Commit, Query};
use domain::Workspace;
use domain::function::{EventPhase, Function, FunctionEvent, Qualifier, TriggerKind};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Control {
    /// Writes the record of a call into a bucket.
    pub(super) async fn put_record(
        &self,
        workspace: &Workspace,
        bucket: &str,
        key: &str,
        record: &Value,
    ) -> Result<(), Error> {
        let body = Bytes::from(record.to_string());
        let body = stream::once(async { Ok::<_, ObjectError>(body) }).boxed();
        let options = PutOptions {
            content_type: Some("application/json".to_owned()),
            ..PutOptions::default()
        };
        self.objects
            .put(workspace, bucket, key, body, options)
            .await?;
        Ok(())
    }

    /// Makes the calls that functions want for a new object. The same version of an object makes
    /// the same calls, however often it is told.
    pub async fn object_was_created(
        &self,
        workspace: &Workspace,
        head: &ObjectHead,
    ) -> Result<usize, Error> {
        let query = Query {
            kind: Function::KIND.to_owned(),
            workspace: Some(workspace.clone()),
            labels: BTreeMap::from([(bucket_label(&head.bucket), String::new())]),
            limit: 1_000,
            ..Query::default()
        };
        let page = self.store.list(&query).await?;
        let mut commit = Commit {
            now: self.world.now(),
            ..Commit::default()
        };
        for row in &page.rows {
            let function: Function = read(row)?;
            for trigger in &function.spec.triggers {
                if wants(&trigger.kind, head) {
                    let event = event(&function, trigger.name.as_str(), head);
                    commit.put.push(event.row(Some(self.world.now()))?);
                }
            }
        }
        let calls = commit.put.len();
        if calls > 0 {
            self.store.commit(commit).await?;
            self.function_events.notify_one();
        }
        Ok(calls)
    }
}

fn wants(trigger: &TriggerKind, head: &ObjectHead) -> bool {
    let TriggerKind::ObjectCreated {
        bucket,
        prefix,
        suffix,
    } = trigger
    else {
        return false;
    };
    *bucket == head.bucket
        && head.key.starts_with(prefix.as_str())
        && head.key.ends_with(suffix.as_str())
}

/// The event of Amazon S3 (Amazon S3, "Event message structure"); keys in it are written as in
/// a form.
fn event(function: &Function, trigger: &str, head: &ObjectHead) -> FunctionEvent {
    let time = jiff::Timestamp::from_millisecond(head.modified.0).unwrap_or_default();
    let record = json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
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
    }]});
    let mark: String = form(&format!("{}/{}", head.bucket, head.key))
        .chars()
        .take(900)
        .collect();
    FunctionEvent {
        id: format!(
            "{}.{trigger}.{mark}.{}.{}",
            function.name, head.etag, head.modified.0
        ),
        workspace: function.workspace.clone(),
        function: function.name.clone(),
        qualifier: Qualifier::Latest,
        payload: record.to_string(),
        source: trigger.to_owned(),
        received: head.modified,
        attempts: 0,
        phase: EventPhase::Waiting,
    }
}

/// Percent-encoding of a form, as S3's events have it.
fn form(text: &str) -> String {
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
