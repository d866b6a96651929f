//! Groups and streams that callers make, and the events that they put into them: one document a
//! request, so that no two writers get into each other's way.

use super::fault::{fault, no_such_group, no_such_stream};
use super::source::{Source, Stream, plain};
use super::streams::{Event, Piece, Wanted};
use crate::fault::Fault;
use crate::kept::{self, Which};
use crate::operation::{Call, read as members};
use control::documents::{Document, Known, NewDocument};
use domain::Refusal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The documents' kinds.
const GROUP: &str = "logs/group";
const STREAM: &str = "logs/stream";
const EVENTS: &str = "logs/events";

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Neither names of groups nor of streams have it.
fn id(group: &str, stream: &str) -> String {
    format!("{group}:{stream}")
}

fn new(kind: &str, id: String, parent: Option<String>, body: Value) -> NewDocument {
    NewDocument {
        kind: kind.to_owned(),
        id,
        parent,
        phase: "kept".to_owned(),
        body,
        ..NewDocument::default()
    }
}

fn parameter(message: &str) -> Fault {
    Fault::new("InvalidParameterException", message)
}

/// Makes a group.
pub(super) async fn create_group(call: &Call<'_>, group: &str, body: Value) -> Result<(), Fault> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '#');
    if group.is_empty() || group.len() > 512 || !group.chars().all(good) {
        return Err(parameter(
            "1 validation error detected: the logGroupName is not valid",
        ));
    }
    if group.starts_with("/aws/sagemaker/") || group.starts_with("aws/") {
        return Err(Fault::new(
            "ResourceAlreadyExistsException",
            "The specified log group already exists: groups of SageMaker are there by themselves",
        ));
    }
    let made = new(GROUP, group.to_owned(), None, body);
    made_once(call, &made, "The specified log group already exists").await
}

/// The tags of a group, by its name or ARN; those that are there by themselves have none.
pub(super) async fn tags(call: &Call<'_>, group: &str) -> Result<BTreeMap<String, String>, Fault> {
    let group = plain(group);
    let caller = call.caller();
    let found = call.aws.control.find_document(&caller, GROUP, group);
    let Some(known) = found.await.map_err(fault)? else {
        Source::of(call, group).await?;
        return Ok(BTreeMap::new());
    };
    let tags = known
        .document
        .body
        .get("tags")
        .filter(|tags| !tags.is_null());
    tags.map_or_else(|| Ok(BTreeMap::new()), |tags| members(tags.clone()))
}

/// The same as it is answered: the model has no empty tags.
pub(super) async fn shown_tags(call: &Call<'_>, group: &str) -> Result<Value, Fault> {
    let tags = tags(call, group).await?;
    Ok(if tags.is_empty() {
        json!({})
    } else {
        json!({"tags": tags})
    })
}

/// Has a group listed whose own endpoint is gone.
pub(super) async fn remain(call: &Call<'_>, group: &str) -> Result<(), Fault> {
    let made = new(GROUP, group.to_owned(), None, json!({}));
    match call
        .aws
        .control
        .create_document(&call.caller(), &made)
        .await
    {
        Ok(_) | Err(Refusal::AlreadyExists { .. }) => Ok(()),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// Ends what [`remain`] began, if it did.
pub(super) async fn end(call: &Call<'_>, group: &str) -> Result<(), Fault> {
    let caller = call.caller();
    let ended = call.aws.control.delete_document(&caller, GROUP, group);
    match ended.await {
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok(()),
        Err(refusal) => Err(fault(refusal)),
    }
}

async fn made_once(call: &Call<'_>, new: &NewDocument, exists: &str) -> Result<(), Fault> {
    match call.aws.control.create_document(&call.caller(), new).await {
        Ok(_) => Ok(()),
        Err(Refusal::AlreadyExists { .. }) => {
            Err(Fault::new("ResourceAlreadyExistsException", exists))
        }
        Err(refusal) => Err(fault(refusal)),
    }
}

/// The group of a name.
pub(super) async fn require_group(call: &Call<'_>, group: &str) -> Result<Known, Fault> {
    if group.is_empty() || group.len() > 512 || group.contains(char::is_control) {
        return Err(no_such_group());
    }
    let found = call
        .aws
        .control
        .find_document(&call.caller(), GROUP, group)
        .await;
    found.map_err(fault)?.ok_or_else(no_such_group)
}

/// All groups.
pub(super) async fn groups(call: &Call<'_>) -> Result<Vec<Document>, Fault> {
    kept::all(call, GROUP, &Which::default())
        .await
        .map_err(fault)
}

/// Changes what is kept of a group.
pub(super) async fn change_group(
    call: &Call<'_>,
    group: &str,
    change: impl FnOnce(&mut Value) + Send,
) -> Result<(), Fault> {
    let Known {
        mut document,
        revision,
    } = require_group(call, group).await?;
    change(&mut document.body);
    let put = new(GROUP, group.to_owned(), None, document.body);
    let put = call
        .aws
        .control
        .put_document(&call.caller(), &put, Some(revision))
        .await;
    put.map(|_| ()).map_err(|refusal| match refusal {
        Refusal::Conflict { message } => Fault::new("OperationAbortedException", message),
        other => fault(other),
    })
}

/// Deletes a group with all that is in it.
pub(super) async fn delete_group(call: &Call<'_>, group: &str) -> Result<(), Fault> {
    require_group(call, group).await?;
    for stream in kept::all(call, STREAM, &Which::of(group))
        .await
        .map_err(fault)?
    {
        drop_stream(call, &stream.id).await?;
    }
    remove(call, GROUP, group).await
}

/// Makes a stream.
pub(super) async fn create_stream(call: &Call<'_>, group: &str, stream: &str) -> Result<(), Fault> {
    require_group(call, group).await?;
    let bad = |c: char| c.is_control() || matches!(c, ':' | '*');
    if stream.is_empty() || stream.len() > 512 || stream.contains(bad) {
        return Err(parameter(
            "1 validation error detected: the logStreamName is not valid",
        ));
    }
    let made = new(
        STREAM,
        id(group, stream),
        Some(group.to_owned()),
        json!(stream),
    );
    made_once(call, &made, "The specified log stream already exists").await
}

/// Deletes a stream with its events.
pub(super) async fn delete_stream(call: &Call<'_>, group: &str, stream: &str) -> Result<(), Fault> {
    require_stream(call, group, stream).await?;
    drop_stream(call, &id(group, stream)).await
}

async fn require_stream(call: &Call<'_>, group: &str, stream: &str) -> Result<Document, Fault> {
    require_group(call, group).await?;
    let id = id(group, stream);
    let found = call
        .aws
        .control
        .find_document(&call.caller(), STREAM, &id)
        .await;
    found
        .map_err(fault)?
        .map(|known| known.document)
        .ok_or_else(no_such_stream)
}

async fn drop_stream(call: &Call<'_>, id: &str) -> Result<(), Fault> {
    for piece in kept::all(call, EVENTS, &Which::of(id))
        .await
        .map_err(fault)?
    {
        remove(call, EVENTS, &piece.id).await?;
    }
    remove(call, STREAM, id).await
}

async fn remove(call: &Call<'_>, kind: &str, id: &str) -> Result<(), Fault> {
    match call
        .aws
        .control
        .delete_document(&call.caller(), kind, id)
        .await
    {
        Ok(()) | Err(Refusal::NotFound { .. }) => Ok(()),
        Err(refusal) => Err(fault(refusal)),
    }
}

/// Keeps events of a stream.
pub(super) async fn put(
    call: &Call<'_>,
    group: &str,
    stream: &str,
    events: &[Event],
) -> Result<(), Fault> {
    require_stream(call, group, stream).await?;
    let parent = id(group, stream);
    let piece = format!("{parent}/{}", call.aws.control.world.fresh_id("e"));
    let made = new(EVENTS, piece, Some(parent), json!(events));
    call.aws
        .control
        .create_document(&call.caller(), &made)
        .await
        .map_err(fault)?;
    Ok(())
}

/// The streams of a group.
pub(super) async fn streams(call: &Call<'_>, group: &str) -> Result<Vec<Stream>, Fault> {
    let mut all = Vec::new();
    for document in kept::all(call, STREAM, &Which::of(group))
        .await
        .map_err(fault)?
    {
        let name = document.body.as_str().unwrap_or_default().to_owned();
        let events = events(call, group, &name).await?;
        let times = events.first().zip(events.last());
        all.push(Stream {
            created: document.created.0,
            times: times.map(|(first, last)| (first.timestamp, last.timestamp)),
            name,
        });
    }
    Ok(all)
}

/// All events of a stream that are not past their group's retention, by time.
async fn events(call: &Call<'_>, group: &str, stream: &str) -> Result<Vec<Event>, Fault> {
    let known = require_group(call, group).await?;
    let days = known.document.body["retentionInDays"].as_i64();
    let now = call.aws.control.world.now().0;
    let oldest = days.map_or(i64::MIN, |days| now - days.saturating_mul(DAY));
    let mut all: Vec<Event> = Vec::new();
    let which = Which::of(&id(group, stream));
    for piece in kept::all(call, EVENTS, &which).await.map_err(fault)? {
        all.extend(members::<Vec<Event>>(piece.body)?);
    }
    all.retain(|event| event.timestamp >= oldest);
    all.sort_by_key(|event| event.timestamp);
    Ok(all)
}

/// Events of a stream.
pub(super) async fn read(
    call: &Call<'_>,
    group: &str,
    stream: &str,
    wanted: &Wanted,
) -> Result<Piece, Fault> {
    require_stream(call, group, stream).await?;
    let all = events(call, group, stream).await?;
    let mut next = wanted.offset;
    let mut found = Vec::new();
    for event in all.into_iter().skip(wanted.offset as usize) {
        if found.len() >= wanted.limit as usize {
            break;
        }
        next += 1;
        let at = event.timestamp;
        if wanted.from.is_none_or(|from| at >= from) && wanted.to.is_none_or(|to| at < to) {
            found.push(event);
        }
    }
    Ok(Piece {
        events: found,
        next,
    })
}
