//! Writes, their names and conditions, and deletions.

use super::{Outcome, Violation, body, bucket, collect, demand, put};
use crate::objects::{ByteStream, ListObjects, ObjectError, Objects, Precondition, PutOptions};
use bytes::Bytes;
use futures::{StreamExt as _, stream};

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
