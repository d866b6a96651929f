//! Functions and buckets: records that are kept there, and calls for new objects.

use super::happenings;
use super::rows::bucket_label;
use crate::rows::{Stored, read};
use crate::{Control, Error};
use bytes::Bytes;
use contracts::objects::{ObjectError, ObjectHead, PutOptions};
use contracts::store::{Commit, Query};
use domain::Workspace;
use domain::function::{
    EventPhase, Function, FunctionEvent, FunctionForm, FunctionSpec, Qualifier, TriggerKind,
};
use futures::{StreamExt, stream};
use serde_json::Value;
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

    /// What a function is given for an event: what it says, and for a blob of Azure's form what is
    /// in it, which one of the function's own triggers must wait for.
    pub(super) async fn event_input(
        &self,
        event: &FunctionEvent,
        spec: &FunctionSpec,
    ) -> Result<Bytes, Error> {
        let blob = happenings::blob(&event.payload).filter(|blob| {
            spec.form == FunctionForm::Azure
                && spec.triggers.iter().any(|trigger| {
                    trigger.name.as_str() == event.source
                        && waits_for(&trigger.kind, &blob.container, &blob.name)
                })
        });
        let Some(blob) = blob else {
            return Ok(Bytes::from(event.payload.clone()));
        };
        let objects = &*self.objects;
        happenings::with_content(objects, &event.workspace, &blob, &event.payload).await
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
                if waits_for(&trigger.kind, &head.bucket, &head.key) {
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

fn waits_for(trigger: &TriggerKind, wanted: &str, key: &str) -> bool {
    let TriggerKind::ObjectCreated {
        bucket,
        prefix,
        suffix,
    } = trigger
    else {
        return false;
    };
    bucket == wanted && key.starts_with(prefix.as_str()) && key.ends_with(suffix.as_str())
}

fn event(function: &Function, trigger: &str, head: &ObjectHead) -> FunctionEvent {
    let mark: String = happenings::form(&format!("{}/{}", head.bucket, head.key))
        .chars()
        .take(900)
        .collect();
    let id = format!(
        "{}.{trigger}.{mark}.{}.{}",
        function.name, head.etag, head.modified.0
    );
    let told = happenings::object_created(function.spec.form, (trigger, &id), head);
    FunctionEvent {
        id,
        workspace: function.workspace.clone(),
        function: function.name.clone(),
        qualifier: Qualifier::Latest,
        payload: told.to_string(),
        source: trigger.to_owned(),
        received: head.modified,
        attempts: 0,
        phase: EventPhase::Waiting,
    }
}
