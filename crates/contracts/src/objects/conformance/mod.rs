//! What every implementation of [`Objects`] must do. Each function makes buckets of its own, so
//! that all can run against one store; a broken promise comes back as a [`Violation`].

mod lists;
mod writes;

pub use lists::{folds, lists_in_order};
pub use writes::{
    broken_bodies_leave_nothing, deletes, keys_are_only_names, one_writer_wins, preconditions,
    refuses_bad_names,
};

use super::{ByteStream, ListObjects, ObjectError, ObjectHead, Objects, PutOptions};
use bytes::{Bytes, BytesMut};
use domain::Workspace;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::BTreeMap;
use std::path::Path;

/// A promise that was not kept.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Violation(String);

impl From<ObjectError> for Violation {
    fn from(error: ObjectError) -> Self {
        Self(format!("an operation failed that should not: {error}"))
    }
}

type Outcome = Result<(), Violation>;

fn demand(holds: bool, promise: impl Into<String>) -> Outcome {
    if holds {
        Ok(())
    } else {
        Err(Violation(promise.into()))
    }
}

/// A body of these pieces.
pub fn body(pieces: &[&[u8]]) -> ByteStream {
    let pieces: Vec<_> = pieces
        .iter()
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    stream::iter(pieces).boxed()
}

/// All bytes of a body.
pub async fn collect(body: ByteStream) -> Result<Bytes, ObjectError> {
    let all = body.try_fold(BytesMut::new(), |mut all, piece| async move {
        all.extend_from_slice(&piece);
        Ok(all)
    });
    Ok(all.await?.freeze())
}

/// Runs everything. `scratch` is a folder for files.
pub async fn all(objects: &dyn Objects, scratch: &Path) -> Outcome {
    reads_what_was_written(objects).await?;
    ranges(objects).await?;
    refuses_bad_names(objects).await?;
    keys_are_only_names(objects).await?;
    preconditions(objects).await?;
    one_writer_wins(objects).await?;
    broken_bodies_leave_nothing(objects).await?;
    deletes(objects).await?;
    lists_in_order(objects).await?;
    folds(objects).await?;
    workspaces_are_apart(objects).await?;
    files(objects, scratch).await
}

async fn bucket(objects: &dyn Objects, name: &str) -> Result<Workspace, Violation> {
    let workspace = Workspace::default();
    objects.ensure_bucket(&workspace, name).await?;
    // Made twice it is the same.
    objects.ensure_bucket(&workspace, name).await?;
    Ok(workspace)
}

async fn put(
    objects: &dyn Objects,
    name: &str,
    key: &str,
    bytes: &[u8],
) -> Result<ObjectHead, ObjectError> {
    let workspace = Workspace::default();
    objects
        .put(&workspace, name, key, body(&[bytes]), PutOptions::default())
        .await
}

/// Bytes, sizes, hashes and descriptions come back.
pub async fn reads_what_was_written(objects: &dyn Objects) -> Outcome {
    let workspace = bucket(objects, "reads").await?;
    let long: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    let options = PutOptions {
        content_type: Some("text/csv".to_owned()),
        metadata: BTreeMap::from([("owner".to_owned(), "ä".to_owned())]),
        ..PutOptions::default()
    };
    for (key, pieces) in [
        ("empty", vec![]),
        ("short", vec![b"hel".as_slice(), b"lo"]),
        ("long", long.chunks(77_777).collect()),
    ] {
        let whole = pieces.concat();
        let head = objects
            .put(&workspace, "reads", key, body(&pieces), options.clone())
            .await?;
        demand(head.bytes == whole.len() as u64, "a head has the length")?;
        let (again, stream) = objects.get(&workspace, "reads", key, None).await?;
        demand(again == head, "get and put give the same head")?;
        demand(
            collect(stream).await? == whole,
            format!("`{key}` reads back"),
        )?;
        let seen = objects.head(&workspace, "reads", key).await?;
        demand(seen == head, "head and put give the same head")?;
        demand(
            seen.content_type == options.content_type && seen.metadata == options.metadata,
            "descriptions are kept",
        )?;
    }
    let hello = objects.head(&workspace, "reads", "short").await?;
    demand(
        hello.etag == "5d41402abc4b2a76b9719d911017c592",
        "the entity tag is the MD5",
    )?;
    demand(
        hello.sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "the SHA-256 is that of the bytes",
    )?;
    put(objects, "reads", "short", b"other").await?;
    let (_, stream) = objects.get(&workspace, "reads", "short", None).await?;
    demand(collect(stream).await? == "other", "a second write replaces")
}

/// Ranges at the edges of an object and of what an implementation may read at once.
pub async fn ranges(objects: &dyn Objects) -> Outcome {
    let workspace = bucket(objects, "ranges").await?;
    let bytes: Vec<u8> = (0..(2 << 20) + 5_u32).map(|n| (n / 7) as u8).collect();
    put(objects, "ranges", "key", &bytes).await?;
    put(objects, "ranges", "empty", b"").await?;
    let end = bytes.len() as u64;
    let mib = 1 << 20;
    for (from, to) in [
        (0, 1),
        (end - 1, end),
        (0, end),
        (0, end + 100),
        (mib - 1, mib + 1),
        (mib, 2 * mib),
        (2 * mib, end),
        (65_535, 65_537),
        (5, 2 * mib + 3),
    ] {
        let range = Some((from, to));
        let (_, stream) = objects.get(&workspace, "ranges", "key", range).await?;
        let expected = &bytes[from as usize..to.min(end) as usize];
        demand(
            collect(stream).await? == expected,
            format!("the range from {from} to {to} reads back"),
        )?;
    }
    for (key, from, to) in [
        ("key", end, end + 1),
        ("key", 5, 5),
        ("key", 6, 5),
        ("empty", 0, 1),
    ] {
        let read = objects
            .get(&workspace, "ranges", key, Some((from, to)))
            .await;
        demand(
            matches!(read, Err(ObjectError::Invalid(_))),
            format!("the range from {from} to {to} of `{key}` is invalid"),
        )?;
    }
    Ok(())
}

/// Workspaces do not see each other.
pub async fn workspaces_are_apart(objects: &dyn Objects) -> Outcome {
    bucket(objects, "apart").await?;
    put(objects, "apart", "key", b"x").await?;
    let other = Workspace::new("other").map_err(|error| Violation(error.to_string()))?;
    let read = objects.head(&other, "apart", "key").await;
    demand(
        matches!(read, Err(ObjectError::NoSuchBucket(_))),
        "another workspace has no such bucket",
    )?;
    objects.ensure_bucket(&other, "apart").await?;
    let listing = objects
        .list(&other, "apart", &ListObjects::default())
        .await?;
    demand(listing.objects.is_empty(), "nor its objects")
}

/// Files in and out.
pub async fn files(objects: &dyn Objects, scratch: &Path) -> Outcome {
    let workspace = bucket(objects, "files").await?;
    for (key, length) in [("small", 3), ("large", 2_500_000)] {
        let bytes = vec![9_u8; length];
        let path = scratch.join(format!("given-{key}"));
        let failed = |error: std::io::Error| Violation(format!("a file failed: {error}"));
        std::fs::write(&path, &bytes).map_err(failed)?;
        let head = objects
            .put_file(&workspace, "files", key, &path, PutOptions::default())
            .await?;
        demand(head.bytes == length as u64, "a file is taken in as a whole")?;
        let (same, out) = objects.file(&workspace, "files", key).await?;
        demand(same == head, "file and put_file give the same head")?;
        demand(
            std::fs::read(&out).map_err(failed)? == bytes,
            "the file has the bytes",
        )?;
        std::fs::write(&path, b"changed").map_err(failed)?;
        let (_, stream) = objects.get(&workspace, "files", key, None).await?;
        demand(
            collect(stream).await? == bytes,
            "an object does not change with the file it came from",
        )?;
    }
    let missing = scratch.join("never-made");
    let made = objects
        .put_file(&workspace, "files", "none", &missing, PutOptions::default())
        .await;
    demand(made.is_err(), "a file that is not there is an error")
}
