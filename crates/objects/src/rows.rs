//! How buckets, objects, versions, uploads and parts are rows of the metadata store, and how
//! their ids are made so that bytewise order of ids is the order that listings need.
//!
//! | kind      | id                                   | order                                   |
//! |-----------|--------------------------------------|-----------------------------------------|
//! | `bucket`  | `bucket`                             | by name                                 |
//! | `object`  | `bucket/key`                         | by key: the present version of each key |
//! | `version` | `bucket/key'` U+0001 falling number  | by key, the newest first: earlier ones  |
//! | `upload`  | `bucket/key'` U+0001 upload id       | by key, then by when it was begun       |
//! | `part`    | `upload id/number`                   | by number                               |
//!
//! `key'` is the key with U+0001 and U+0002 escaped (`U+0002` before either), which keeps the
//! order of keys and makes U+0001 smaller than whatever could follow it.

use crate::error::Error;
use crate::record::{Bucket, Object, Part, Upload};
use contracts::store::{Body, Expect, Key, NewRow, Row, StoreError};
use domain::Workspace;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

pub(crate) const BUCKET: &str = "bucket";
pub(crate) const OBJECT: &str = "object";
pub(crate) const VERSION: &str = "version";
pub(crate) const UPLOAD: &str = "upload";
pub(crate) const PART: &str = "part";

/// Phase of rows whose version has bytes.
pub(crate) const LIVE: &str = "live";
/// Phase of delete markers.
pub(crate) const MARKER: &str = "marker";

/// Phase of uploads that are over and only have to be cleared away.
pub(crate) const CLOSED: &str = "closed";

/// Label of the version `null`, so that it can be found among others.
pub(crate) const NULL_LABEL: &str = "null";

/// A record and the revision it was read at.
#[derive(Debug, Clone)]
pub(crate) struct Stored<T> {
    pub(crate) value: T,
    pub(crate) key: Key,
    pub(crate) revision: i64,
}

impl<T> Stored<T> {
    /// That it is still as it was read.
    pub(crate) fn unchanged(&self) -> Expect {
        Expect::Revision(self.key.clone(), self.revision)
    }
}

pub(crate) fn bucket_key(workspace: &Workspace, bucket: &str) -> Key {
    Key::new(BUCKET, workspace, bucket)
}

pub(crate) fn object_key(workspace: &Workspace, bucket: &str, key: &str) -> Key {
    Key::new(OBJECT, workspace, format!("{bucket}/{key}"))
}

/// What the ids of all versions of a key begin with.
pub(crate) fn version_prefix(bucket: &str, key: &str) -> String {
    format!("{bucket}/{}\u{1}", escape(key))
}

pub(crate) fn version_key(workspace: &Workspace, bucket: &str, key: &str, order: i64) -> Key {
    let falling = u64::MAX - u64::try_from(order).unwrap_or(0);
    Key::new(
        VERSION,
        workspace,
        format!("{}{falling:016x}", version_prefix(bucket, key)),
    )
}

pub(crate) fn upload_key(workspace: &Workspace, bucket: &str, key: &str, upload: &str) -> Key {
    Key::new(
        UPLOAD,
        workspace,
        format!("{}{upload}", version_prefix(bucket, key)),
    )
}

pub(crate) fn part_key(workspace: &Workspace, upload: &str, number: u32) -> Key {
    Key::new(PART, workspace, format!("{upload}/{number:05}"))
}

/// The version id of a version of that order: falls with time, and cannot be guessed.
pub(crate) fn version_id(order: i64, random: &str) -> String {
    let falling = u64::MAX - u64::try_from(order).unwrap_or(0);
    format!("{falling:016x}{random}")
}

/// The order that a version id tells, if it is one of ours.
pub(crate) fn order_of(version: &str) -> Option<i64> {
    let falling = u64::from_str_radix(version.get(..16)?, 16).ok()?;
    i64::try_from(u64::MAX - falling).ok()
}

fn escape(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for character in key.chars() {
        if matches!(character, '\u{1}' | '\u{2}') {
            text.push('\u{2}');
        }
        text.push(character);
    }
    text
}

/// Escapes a prefix of keys, so that it can be a prefix of version and upload ids.
pub(crate) fn escape_prefix(bucket: &str, prefix: &str) -> String {
    format!("{bucket}/{}", escape(prefix))
}

fn unescape(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{2}' {
            key.extend(characters.next());
        } else {
            key.push(character);
        }
    }
    key
}

fn row<T: Serialize>(
    key: Key,
    phase: &str,
    parent: Option<String>,
    value: &T,
) -> Result<NewRow, Error> {
    let body = Body::of(value).map_err(|error| {
        Error::Invalid(format!("the record cannot be written as JSON: {error}"))
    })?;
    Ok(NewRow {
        key,
        parent,
        phase: phase.to_owned(),
        labels: BTreeMap::new(),
        due: None,
        body,
    })
}

pub(crate) fn bucket_row(workspace: &Workspace, bucket: &Bucket) -> Result<NewRow, Error> {
    row(bucket_key(workspace, &bucket.name), LIVE, None, bucket)
}

/// The row of a present version.
pub(crate) fn object_row(workspace: &Workspace, object: &Object) -> Result<NewRow, Error> {
    let key = object_key(workspace, &object.bucket, &object.key);
    row(key, phase_of(object), None, object)
}

/// The row of an earlier version.
pub(crate) fn version_row(workspace: &Workspace, object: &Object) -> Result<NewRow, Error> {
    let key = version_key(workspace, &object.bucket, &object.key, object.order);
    let mut row = row(key, phase_of(object), None, object)?;
    if object.version == crate::record::NULL_VERSION {
        row.labels.insert(NULL_LABEL.to_owned(), "1".to_owned());
    }
    Ok(row)
}

pub(crate) fn upload_row(workspace: &Workspace, upload: &Upload) -> Result<NewRow, Error> {
    let key = upload_key(workspace, &upload.bucket, &upload.key, &upload.id);
    let phase = upload.closed.map_or(LIVE, |_| CLOSED);
    row(key, phase, None, upload)
}

pub(crate) fn part_row(workspace: &Workspace, upload: &str, part: &Part) -> Result<NewRow, Error> {
    row(part_key(workspace, upload, part.number), LIVE, None, part)
}

fn phase_of(object: &Object) -> &'static str {
    if object.is_delete_marker() {
        MARKER
    } else {
        LIVE
    }
}

/// Reads a record out of its row.
pub(crate) fn read<T: DeserializeOwned>(row: Row) -> Result<Stored<T>, Error> {
    let value = row.row.body.read();
    let value = value.map_err(|error| unreadable(&row, &error))?;
    Ok(Stored {
        value,
        key: row.row.key,
        revision: row.revision,
    })
}

/// Reads a bucket, which every request of its objects does: out of what was read before while the
/// row is the same.
pub(crate) fn read_bucket(row: Row) -> Result<Stored<Bucket>, Error> {
    let shared = row.row.body.shared::<Bucket>();
    let shared = shared.map_err(|error| unreadable(&row, &error))?;
    Ok(Stored {
        value: shared.as_ref().clone(),
        key: row.row.key,
        revision: row.revision,
    })
}

fn unreadable(row: &Row, error: &serde_json::Error) -> Error {
    let Key { kind, id, .. } = &row.row.key;
    let text = format!("the {kind} `{id}` is not readable: {error}");
    Error::Store(StoreError::Incompatible(text))
}

/// Reads an object or version, with bucket and key from the row's id.
pub(crate) fn read_object(row: Row) -> Result<Stored<Object>, Error> {
    let mut stored: Stored<Object> = read(row)?;
    let id = stored.key.id.as_str();
    let (bucket, rest) = id.split_once('/').unwrap_or((id, ""));
    stored.value.bucket = bucket.to_owned();
    stored.value.key = if stored.key.kind == VERSION {
        unescape(rest.rsplit_once('\u{1}').map_or(rest, |(key, _)| key))
    } else {
        rest.to_owned()
    };
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_versions_keep_the_order_of_keys() {
        let workspace = Workspace::default();
        let mut keys = vec![
            "a",
            "a\u{1}",
            "a\u{1}b",
            "a\u{2}",
            "a\u{3}",
            "a/b",
            "b",
            "a\u{10FFFF}",
        ];
        keys.sort_unstable();
        let ids: Vec<String> = keys
            .iter()
            .flat_map(|key| [9, 5].map(|order| version_key(&workspace, "b", key, order).id))
            .collect();
        assert!(ids.is_sorted(), "{ids:?}");
        for key in keys {
            let id = version_key(&workspace, "b", key, 5).id;
            let rest = id.strip_prefix("b/").unwrap();
            assert_eq!(unescape(rest.rsplit_once('\u{1}').unwrap().0), key);
        }
    }

    #[test]
    fn version_ids_tell_their_order() {
        assert_eq!(order_of(&version_id(1_234, "ff")), Some(1_234));
        for bad in ["null", "", "zzzzzzzzzzzzzzzz", "ääääääääää"] {
            assert_eq!(order_of(bad), None, "{bad}");
        }
    }
}
