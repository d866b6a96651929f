//! The offline store: rows wait as documents and are written to the bucket as Parquet a little
//! later. A batch says which rows make which object before the object is written, so that a
//! killed server neither loses rows nor writes them twice:
//!
//! 1. the batch is a document with the phase `writing`, one at a time for a group;
//! 2. the object is written on the condition that it is not there yet;
//! 3. the batch turns `written`; its rows are deleted, then the batch.

use super::group::{Definition, Group};
use super::moment::Moment;
use super::parquet;
use super::record::FeatureValue;
use crate::Aws;
use crate::fault::Fault;
use crate::operation::Call;
use contracts::objects::{ObjectError, PutOptions};
use control::Caller;
use control::documents::{Document, DocumentFilter, NewDocument};
use control::transact::hexadecimal;
use domain::{Location, Refusal, Timestamp, Workspace};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The kinds of rows that wait and of batches that are written.
const ROW: &str = "sagemaker/offline-row";
const BATCH: &str = "sagemaker/offline-batch";

/// The phases of a batch.
const WRITING: &str = "writing";
const WRITTEN: &str = "written";

/// Rows of one object, at most.
const LARGEST: usize = 10_000;
/// Rows that a flush looks at.
const AT_ONCE: u32 = 1_000;

/// A row that waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) record: Vec<FeatureValue>,
    pub(crate) event: Moment,
    pub(crate) invoked: Timestamp,
    pub(crate) deleted: bool,
    /// Where the group's store is, and how its features are defined; both outlive the group.
    store: String,
    key: Option<String>,
    features: serde_json::Value,
}

/// Rows that make one object.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Batch {
    bucket: String,
    object: String,
    key: Option<String>,
    written: Timestamp,
    rows: Vec<String>,
}

/// Keeps a row until it is written; a group without an offline store keeps none.
pub(crate) async fn append(
    call: &Call<'_>,
    group: &Group,
    record: Vec<FeatureValue>,
    event: Moment,
    deleted: bool,
) -> Result<(), Fault> {
    let Some(offline) = &group.definition.offline else {
        return Ok(());
    };
    let world = &call.aws.control.world;
    let row = Row {
        record,
        event,
        invoked: world.now(),
        deleted,
        store: offline.storage.resolved.clone().unwrap_or_default(),
        key: offline.storage.key.clone().filter(|key| !key.is_empty()),
        features: group.entity.request.clone(),
    };
    let new = NewDocument {
        kind: ROW.to_owned(),
        id: format!("{}/{}", group.scope(), world.fresh_id("o")),
        parent: Some(group.scope()),
        phase: "waiting".to_owned(),
        body: json!(row),
        ..NewDocument::default()
    };
    call.aws
        .control
        .create_document(&call.caller(), &new)
        .await?;
    Ok(())
}

/// Writes what waits, of all groups of all workspaces. Returns how many rows were written.
///
/// # Errors
/// [`Refusal`] when the store or the object store cannot be used; what waits goes on waiting.
pub async fn flush(aws: &Aws) -> Result<u64, Refusal> {
    let (pending, _) = aws.control.documents_anywhere(&filter(BATCH, None)).await?;
    for document in pending {
        finish(aws, &document).await?;
    }
    let (mut rows, mut after) = (0, None);
    loop {
        let (page, next) = aws.control.documents_anywhere(&filter(ROW, after)).await?;
        let mut groups: BTreeMap<(Workspace, String), Vec<Document>> = BTreeMap::new();
        for row in page {
            let scope = row.parent.clone().unwrap_or_default();
            groups
                .entry((row.workspace.clone(), scope))
                .or_default()
                .push(row);
        }
        for ((workspace, scope), waiting) in groups {
            rows += write(aws, &workspace, &scope, waiting).await?;
        }
        after = next;
        if after.is_none() {
            return Ok(rows);
        }
    }
}

fn filter(kind: &str, after: Option<String>) -> DocumentFilter {
    DocumentFilter {
        kind: kind.to_owned(),
        after,
        limit: AT_ONCE,
        ..DocumentFilter::default()
    }
}

/// Makes a batch of each hour of the rows' event times, and finishes it.
async fn write(
    aws: &Aws,
    workspace: &Workspace,
    scope: &str,
    waiting: Vec<Document>,
) -> Result<u64, Refusal> {
    let mut hours: BTreeMap<i64, Vec<(String, Row)>> = BTreeMap::new();
    for document in waiting {
        let row = row(&document)?;
        let hour = row.event.millis().0.div_euclid(3_600_000);
        hours.entry(hour).or_default().push((document.id, row));
    }
    let caller = Caller::system(workspace.clone());
    let mut written = 0;
    for rows in hours.into_values() {
        for rows in rows.chunks(LARGEST) {
            let Some((_, first)) = rows.first() else {
                continue;
            };
            let batch = batch(aws, first, rows)?;
            let new = NewDocument {
                kind: BATCH.to_owned(),
                id: scope.to_owned(),
                phase: WRITING.to_owned(),
                body: json!(batch),
                ..NewDocument::default()
            };
            match aws.control.create_document(&caller, &new).await {
                Ok(document) => {
                    finish(aws, &document).await?;
                    written += rows.len() as u64;
                }
                // Another server is at it.
                Err(Refusal::AlreadyExists { .. }) => return Ok(written),
                Err(refusal) => return Err(refusal),
            }
        }
    }
    Ok(written)
}

fn row(document: &Document) -> Result<Row, Refusal> {
    serde_json::from_value(document.body.clone()).map_err(|e| Refusal::internal(e.to_string()))
}

/// Which rows make which object: `year=…/month=…/day=…/hour=…/<written>_<16 characters>.parquet`.
fn batch(aws: &Aws, first: &Row, rows: &[(String, Row)]) -> Result<Batch, Refusal> {
    let Ok(Location::Object { bucket, key }) = Location::parse(&first.store) else {
        let store = &first.store;
        return Err(Refusal::internal(format!(
            "`{store}` is no place of an offline store"
        )));
    };
    let now = aws.control.world.now();
    let names: Vec<String> = rows.iter().map(|(id, _)| id.clone()).collect();
    let digest = hexadecimal(&Sha256::digest(names.join("\n")));
    let hour = time(first.event.millis());
    let folder = hour.strftime("year=%Y/month=%m/day=%d/hour=%H");
    let stamp = time(now).strftime("%Y%m%dT%H%M%SZ");
    let prefix = key.trim_end_matches('/');
    Ok(Batch {
        object: format!("{prefix}/{folder}/{stamp}_{}.parquet", &digest[..16]),
        bucket,
        key: first.key.clone(),
        written: now,
        rows: names,
    })
}

fn time(at: Timestamp) -> jiff::Zoned {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::UTC)
}

/// Brings a batch to its end from wherever it was left.
async fn finish(aws: &Aws, document: &Document) -> Result<(), Refusal> {
    let caller = Caller::system(document.workspace.clone());
    let control = &aws.control;
    let batch: Batch = serde_json::from_value(document.body.clone())
        .map_err(|e| Refusal::internal(e.to_string()))?;
    if document.phase == WRITING {
        let mut rows = Vec::new();
        for id in &batch.rows {
            if let Some(known) = control.find_document(&caller, ROW, id).await? {
                rows.push(row(&known.document)?);
            }
        }
        if !rows.is_empty() {
            put(aws, &document.workspace, &batch, &rows).await?;
        }
        let new = NewDocument {
            kind: BATCH.to_owned(),
            id: document.id.clone(),
            phase: WRITTEN.to_owned(),
            body: document.body.clone(),
            ..NewDocument::default()
        };
        control.put_document(&caller, &new, None).await?;
    }
    for id in &batch.rows {
        forget(aws, &caller, ROW, id).await?;
    }
    forget(aws, &caller, BATCH, &document.id).await
}

async fn forget(aws: &Aws, caller: &Caller, kind: &str, id: &str) -> Result<(), Refusal> {
    match aws.control.delete_document(caller, kind, id).await {
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

async fn put(aws: &Aws, workspace: &Workspace, batch: &Batch, rows: &[Row]) -> Result<(), Refusal> {
    let Some(newest) = rows.last() else {
        return Ok(());
    };
    let definition: Definition = serde_json::from_value(newest.features.clone())
        .map_err(|e| Refusal::internal(e.to_string()))?;
    let bytes = parquet::file(&definition, rows, batch.written)
        .map_err(|error| Refusal::internal(format!("a Parquet file cannot be made: {error}")))?;
    let mut options = PutOptions {
        content_type: Some("application/vnd.apache.parquet".to_owned()),
        key: batch.key.clone(),
        ..PutOptions::default()
    };
    options.precondition.absent = true;
    let body = futures::stream::once(std::future::ready(Ok(bytes.into()))).boxed();
    let (bucket, object) = (&batch.bucket, &batch.object);
    let done = aws
        .control
        .objects
        .put(workspace, bucket, object, body, options)
        .await;
    match done {
        // It was written before the server was killed.
        Ok(_) | Err(ObjectError::PreconditionFailed(_)) => Ok(()),
        Err(error) => Err(control::error::of_objects(error)),
    }
}
