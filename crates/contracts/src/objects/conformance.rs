//! What every implementation of [`Objects`] must do. Each function makes buckets of its own, so
//! that all can run against one store; a broken promise comes back as a [`Violation`].

use super::{
    ByteStream, ListObjects, Listing, ObjectError, ObjectHead, Objects, Precondition, PutOptions,
};
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

/// Names that no cloud takes.
pub async fn refuses_bad_names(objects: &dyn Objects) -> Outcome {
    let workspace = bucket(objects, "names").await?;
    for name in [
        "",
        "ab",
        "Upper",
        "a/b",
        "../up",
        "a..b",
        "-ab",
        &"x".repeat(64),
    ] {
        let made = objects.ensure_bucket(&workspace, name).await;
        demand(
            matches!(made, Err(ObjectError::Invalid(_))),
            format!("the bucket name `{name}` is refused"),
        )?;
    }
    for key in ["", &"k".repeat(1_025), "nul\0"] {
        let made = put(objects, "names", key, b"x").await;
        demand(
            matches!(made, Err(ObjectError::Invalid(_))),
            format!("the key `{key}` is refused"),
        )?;
    }
    let missing = put(objects, "never-made", "key", b"x").await;
    demand(
        matches!(missing, Err(ObjectError::NoSuchBucket(_))),
        "a write needs a bucket",
    )?;
    let missing = objects.head(&workspace, "never-made", "key").await;
    demand(
        matches!(missing, Err(ObjectError::NoSuchBucket(_))),
        "a read tells a missing bucket from a missing object",
    )?;
    let missing = objects.get(&workspace, "names", "key", None).await;
    demand(
        matches!(missing, Err(ObjectError::NoSuchObject { .. })),
        "a read of a missing object says so",
    )
}

/// Keys that look like paths lead nowhere.
pub async fn keys_are_only_names(objects: &dyn Objects) -> Outcome {
    let workspace = bucket(objects, "tricks").await?;
    let keys = [
        "../../../../tmp/escaped",
        "/etc/passwd",
        "..",
        ".",
        "a//b",
        "trailing/",
        "\u{1}",
        "ünï\u{10FFFF}",
        "%2e%2e",
        "a\\b",
    ];
    for key in keys {
        put(objects, "tricks", key, key.as_bytes()).await?;
    }
    for key in keys {
        let (_, stream) = objects.get(&workspace, "tricks", key, None).await?;
        demand(
            collect(stream).await? == key.as_bytes(),
            format!("`{key}` reads back"),
        )?;
    }
    let listing = objects
        .list(&workspace, "tricks", &ListObjects::default())
        .await?;
    demand(
        listing.objects.len() == keys.len(),
        "each key is an object of its own",
    )
}

/// Conditional writes.
pub async fn preconditions(objects: &dyn Objects) -> Outcome {
    let workspace = bucket(objects, "demands").await?;
    let absent = |absent, etag: Option<&str>| PutOptions {
        precondition: Precondition {
            etag_is: etag.map(str::to_owned),
            absent,
        },
        ..PutOptions::default()
    };
    let write = |options| objects.put(&workspace, "demands", "key", body(&[b"x"]), options);
    let early = write(absent(false, Some("aa"))).await;
    demand(
        matches!(early, Err(ObjectError::NoSuchObject { .. })),
        "a demanded entity tag needs an object",
    )?;
    let first = write(absent(true, None)).await?;
    let second = write(absent(true, None)).await;
    demand(
        matches!(second, Err(ObjectError::PreconditionFailed(_))),
        "absence is demanded in vain",
    )?;
    let wrong = write(absent(false, Some("0123"))).await;
    demand(
        matches!(wrong, Err(ObjectError::PreconditionFailed(_))),
        "another entity tag fails",
    )?;
    write(absent(false, Some(&first.etag))).await?;
    Ok(())
}

/// Of many writers that demand absence, exactly one wins, and its bytes are there.
pub async fn one_writer_wins(objects: &dyn Objects) -> Outcome {
    let workspace = bucket(objects, "races").await?;
    let options = PutOptions {
        precondition: Precondition {
            absent: true,
            ..Precondition::default()
        },
        ..PutOptions::default()
    };
    let bodies: Vec<Vec<u8>> = (0..16_u8).map(|n| vec![n; 5_000]).collect();
    let writes = bodies
        .iter()
        .map(|bytes| objects.put(&workspace, "races", "key", body(&[bytes]), options.clone()));
    let results = futures::future::join_all(writes).await;
    let winners: Vec<_> = results
        .iter()
        .filter_map(|made| made.as_ref().ok())
        .collect();
    let [winner] = winners.as_slice() else {
        return Err(Violation(format!("{} writers won a race", winners.len())));
    };
    let lost = |made: &Result<_, _>| {
        made.is_ok() || matches!(made, Err(ObjectError::PreconditionFailed(_)))
    };
    demand(results.iter().all(lost), "the losers are told")?;
    let head = objects.head(&workspace, "races", "key").await?;
    demand(head == **winner, "the winner's object is there")?;
    // Without a demand the last one stays, as a whole.
    let writes = bodies
        .iter()
        .map(|bytes| put(objects, "races", "plain", bytes));
    for made in futures::future::join_all(writes).await {
        made?;
    }
    let (_, stream) = objects.get(&workspace, "races", "plain", None).await?;
    let stayed = collect(stream).await?;
    demand(
        bodies.iter().any(|bytes| *bytes == stayed),
        "writes never mix",
    )
}

/// A body that fails, or is not what was promised, changes nothing.
pub async fn broken_bodies_leave_nothing(objects: &dyn Objects) -> Outcome {
    let workspace = bucket(objects, "broken").await?;
    put(objects, "broken", "kept", b"before").await?;
    for length in [10, 3_000_000] {
        for key in ["kept", "new"] {
            let half: ByteStream = stream::iter([
                Ok(Bytes::from(vec![1; length])),
                Err(ObjectError::Incomplete("the client went away".to_owned())),
            ])
            .boxed();
            let made = objects
                .put(&workspace, "broken", key, half, PutOptions::default())
                .await;
            demand(
                matches!(made, Err(ObjectError::Incomplete(_))),
                "half a body is an error",
            )?;
            let options = PutOptions {
                sha256: Some("0".repeat(64)),
                ..PutOptions::default()
            };
            let bytes = vec![1; length];
            let made = objects
                .put(&workspace, "broken", key, body(&[&bytes]), options)
                .await;
            demand(
                matches!(made, Err(ObjectError::Invalid(_))),
                "a wrong checksum is an error",
            )?;
        }
    }
    let (_, stream) = objects.get(&workspace, "broken", "kept", None).await?;
    demand(collect(stream).await? == "before", "the old object stays")?;
    let new = objects.head(&workspace, "broken", "new").await;
    demand(
        matches!(new, Err(ObjectError::NoSuchObject { .. })),
        "no new object appears",
    )
}

/// Deletion.
pub async fn deletes(objects: &dyn Objects) -> Outcome {
    let workspace = bucket(objects, "deletes").await?;
    put(objects, "deletes", "key", b"x").await?;
    objects.delete(&workspace, "deletes", "key").await?;
    objects.delete(&workspace, "deletes", "key").await?;
    let read = objects.head(&workspace, "deletes", "key").await;
    demand(
        matches!(read, Err(ObjectError::NoSuchObject { .. })),
        "a deleted object is gone",
    )?;
    let missing = objects.delete(&workspace, "never-made", "key").await;
    demand(
        matches!(missing, Err(ObjectError::NoSuchBucket(_))),
        "a deletion needs a bucket",
    )
}

async fn pages(
    objects: &dyn Objects,
    name: &str,
    mut list: ListObjects,
) -> Result<(Vec<String>, Vec<String>), Violation> {
    let workspace = Workspace::default();
    let (mut keys, mut prefixes) = (Vec::new(), Vec::new());
    loop {
        let page: Listing = objects.list(&workspace, name, &list).await?;
        let count = page.objects.len() + page.prefixes.len();
        demand(
            list.limit == 0 || count <= list.limit as usize,
            "a page keeps its limit",
        )?;
        demand(
            page.next.is_none() || count > 0,
            "a page with a next one is not empty",
        )?;
        keys.extend(page.objects.into_iter().map(|head| head.key));
        prefixes.extend(page.prefixes);
        list.after = page.next;
        if list.after.is_none() {
            return Ok((keys, prefixes));
        }
    }
}

/// Listings are in bytewise order, whatever the size of pages.
pub async fn lists_in_order(objects: &dyn Objects) -> Outcome {
    bucket(objects, "orders").await?;
    let mut keys: Vec<String> = [
        "a",
        "a/",
        "a/b",
        "a0",
        "B",
        "b",
        "ä",
        "\u{1F600}",
        "\u{FFFD}",
        "_",
    ]
    .map(str::to_owned)
    .to_vec();
    for key in &keys {
        put(objects, "orders", key, b"x").await?;
    }
    keys.sort_unstable();
    for limit in [0, 1, 3, 10] {
        let list = ListObjects {
            limit,
            ..ListObjects::default()
        };
        let (found, _) = pages(objects, "orders", list).await?;
        demand(
            found == keys,
            format!("pages of {limit} give all keys in order"),
        )?;
    }
    let list = ListObjects {
        prefix: "a".to_owned(),
        after: Some("a/".to_owned()),
        ..ListObjects::default()
    };
    let (found, _) = pages(objects, "orders", list).await?;
    demand(
        found == ["a/b", "a0"],
        "prefix and start are honoured together",
    )
}

/// Delimiters.
pub async fn folds(objects: &dyn Objects) -> Outcome {
    bucket(objects, "folds").await?;
    for folder in ["x", "y", "z"] {
        for n in 0..120 {
            put(objects, "folds", &format!("{folder}/{n:03}/leaf"), b"").await?;
        }
    }
    for key in ["x", "x-", "x0", "y/plain", "top"] {
        put(objects, "folds", key, b"").await?;
    }
    for limit in [0, 1, 2, 5] {
        let list = ListObjects {
            delimiter: Some("/".to_owned()),
            limit,
            ..ListObjects::default()
        };
        let (keys, prefixes) = pages(objects, "folds", list).await?;
        demand(
            keys == ["top", "x", "x-", "x0"] && prefixes == ["x/", "y/", "z/"],
            format!("pages of {limit} fold: {keys:?} {prefixes:?}"),
        )?;
    }
    let list = ListObjects {
        prefix: "y/".to_owned(),
        delimiter: Some("/".to_owned()),
        limit: 50,
        ..ListObjects::default()
    };
    let (keys, prefixes) = pages(objects, "folds", list).await?;
    demand(
        keys == ["y/plain"] && prefixes.len() == 120,
        "folds below a prefix",
    )?;
    let list = ListObjects {
        delimiter: Some("/1".to_owned()),
        ..ListObjects::default()
    };
    let (_, prefixes) = pages(objects, "folds", list).await?;
    demand(
        prefixes == ["x/1", "y/1", "z/1"],
        "delimiters have any length",
    )
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
