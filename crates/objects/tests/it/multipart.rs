//! Multipart uploads.

use crate::setting::{Setting, noise};
use contracts::objects::Precondition;
use contracts::objects::conformance::body;
use tradewind_objects::{
    Algorithm, ByteRange, Complete, CompletedPart, Encryption, Error, Get, LEAST_PART, ListUploads,
    NewUpload, Object, Part, Scope, Upload, UploadPart,
};

async fn begin(setting: &Setting, new: NewUpload) -> Upload {
    setting
        .store
        .begin_upload(&setting.workspace, "bucket", "key", new)
        .await
        .unwrap()
}

async fn part(
    setting: &Setting,
    upload: &Upload,
    number: u32,
    bytes: &[u8],
) -> Result<Part, Error> {
    let key = (upload.bucket.as_str(), upload.key.as_str());
    let with = UploadPart::default();
    setting
        .store
        .upload_part(
            &setting.workspace,
            key,
            &upload.id,
            number,
            body(&[bytes]),
            with,
        )
        .await
}

fn listed(parts: &[&Part]) -> Complete {
    let list = |part: &&Part| CompletedPart {
        number: part.number,
        etag: Some(format!("\"{}\"", part.etag)),
        ..CompletedPart::default()
    };
    Complete {
        parts: parts.iter().map(list).collect(),
        ..Complete::default()
    }
}

async fn complete(setting: &Setting, upload: &Upload, with: &Complete) -> Result<Object, Error> {
    setting
        .store
        .complete_upload(&setting.workspace, ("bucket", "key"), &upload.id, with)
        .await
}

#[tokio::test]
async fn parts_become_one_object() {
    for encryption in [None, Some(Encryption { key: None })] {
        let setting = Setting::with("bucket").await;
        let new = NewUpload {
            encryption,
            algorithm: Some(Algorithm::Crc32),
            ..NewUpload::default()
        };
        let upload = begin(&setting, new).await;
        let (first, second) = (noise(LEAST_PART as usize), noise(1_000));
        part(&setting, &upload, 7, b"replaced").await.unwrap();
        let two = part(&setting, &upload, 7, &second).await.unwrap();
        let one = part(&setting, &upload, 2, &first).await.unwrap();
        part(&setting, &upload, 9, b"left out").await.unwrap();
        let parts = setting
            .store
            .list_parts(&setting.workspace, ("bucket", "key"), &upload.id, 0, 2)
            .await
            .unwrap();
        assert_eq!(parts.parts, [one.clone(), two.clone()]);
        assert_eq!(parts.next, Some(7));
        let object = complete(&setting, &upload, &listed(&[&one, &two]))
            .await
            .unwrap();
        let whole = [first.clone(), second].concat();
        assert_eq!(setting.read("bucket", "key").await, whole);
        // MD5 over the two parts' MD5s, computed with md5sum.
        assert!(object.etag.ends_with("-2") && object.etag.len() == 34);
        assert!(object.checksums.contains_key(&Algorithm::Crc32));
        assert_eq!(object.parts, [LEAST_PART, 1_000]);
        let get = Get {
            part: Some(2),
            ..Get::default()
        };
        assert_eq!(
            setting.get("bucket", "key", &get).await.unwrap(),
            whole[LEAST_PART as usize..]
        );
        // Asked again it answers the same; everything else of the upload is over.
        let again = complete(&setting, &upload, &listed(&[&one, &two]))
            .await
            .unwrap();
        assert_eq!(again, object);
        let late = part(&setting, &upload, 1, b"late").await;
        assert!(matches!(late, Err(Error::NoSuchUpload(_))));
        setting.wait(domain::Span::hours(2));
        setting.store.sweep().await.unwrap();
        assert_eq!(setting.blobs().len(), 1);
        assert_eq!(setting.read("bucket", "key").await, whole);
    }
}

#[tokio::test]
async fn the_entity_tag_is_that_of_amazon() {
    let setting = Setting::with("bucket").await;
    let upload = begin(&setting, NewUpload::default()).await;
    let one = part(&setting, &upload, 1, b"hello").await.unwrap();
    let object = complete(&setting, &upload, &listed(&[&one])).await.unwrap();
    // md5(unhex("5d41402abc4b2a76b9719d911017c592")).
    assert_eq!(object.etag, ETAG);
}

/// `printf 5d41402abc4b2a76b9719d911017c592 | xxd -r -p | md5sum`
const ETAG: &str = "62109206880d38a4010a98e11243924a-1";

#[tokio::test]
async fn wrong_completions_change_nothing() {
    let setting = Setting::with("bucket").await;
    let upload = begin(&setting, NewUpload::default()).await;
    let one = part(&setting, &upload, 1, b"small").await.unwrap();
    let two = part(&setting, &upload, 2, b"also small").await.unwrap();
    let mut other = one.clone();
    other.etag = "0".repeat(32);
    let mut missing = one.clone();
    missing.number = 3;
    for (with, expected) in [
        (Complete::default(), "at least one part"),
        (listed(&[&two, &one]), "out of order"),
        (listed(&[&one, &one]), "out of order"),
        (listed(&[&one, &two]), "needs at least"),
        (listed(&[&other]), "another entity tag"),
        (listed(&[&missing]), "was not uploaded"),
        (
            Complete {
                bytes: Some(4),
                ..listed(&[&one])
            },
            "not the expected 4",
        ),
    ] {
        let error = complete(&setting, &upload, &with)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
    for number in [0, 10_001] {
        let made = part(&setting, &upload, number, b"x").await;
        assert!(matches!(made, Err(Error::Invalid(_))));
    }
    for id in ["", "../x", "ffff", &"f".repeat(100)] {
        let mut forged = upload.clone();
        forged.id = id.to_owned();
        let made = part(&setting, &forged, 1, b"x").await;
        assert!(matches!(made, Err(Error::NoSuchUpload(_))), "{id}");
    }
    complete(&setting, &upload, &listed(&[&two])).await.unwrap();
    assert_eq!(setting.read("bucket", "key").await, "also small");
}

#[tokio::test]
async fn two_completions_at_once_make_one_object() {
    let setting = Setting::with("bucket").await;
    let upload = begin(&setting, NewUpload::default()).await;
    let one = part(&setting, &upload, 1, &noise(50_000)).await.unwrap();
    let with = Complete {
        precondition: Precondition {
            absent: true,
            ..Precondition::default()
        },
        ..listed(&[&one])
    };
    let (left, right) = tokio::join!(
        complete(&setting, &upload, &with),
        complete(&setting, &upload, &with),
    );
    assert!(left.is_ok() || right.is_ok());
    assert_eq!(setting.read("bucket", "key").await, noise(50_000));
}

#[tokio::test]
async fn checksums_of_parts_and_wholes() {
    for scope in [Scope::Full, Scope::Composite] {
        let setting = Setting::with("bucket").await;
        let new = NewUpload {
            algorithm: Some(Algorithm::Sha256),
            scope,
            ..NewUpload::default()
        };
        let upload = begin(&setting, new).await;
        let one = part(&setting, &upload, 1, b"123456789").await.unwrap();
        let sum = &one.checksums[&Algorithm::Sha256];
        assert_eq!(sum, "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
        let mut with = listed(&[&one]);
        with.checksums
            .insert(Algorithm::Sha256, "A".repeat(43) + "=");
        let refused = complete(&setting, &upload, &with).await;
        assert!(matches!(refused, Err(Error::BadDigest { .. })), "{scope:?}");
        with.checksums.clear();
        with.parts[0]
            .checksums
            .insert(Algorithm::Sha256, sum.clone());
        let object = complete(&setting, &upload, &with).await.unwrap();
        let whole = &object.checksums[&Algorithm::Sha256];
        match scope {
            Scope::Full => assert_eq!(whole, sum),
            Scope::Composite => assert!(whole.ends_with("-1") && whole != &format!("{sum}-1")),
        }
        assert_eq!(object.checksum_scope, scope);
    }
}

#[tokio::test]
async fn uploads_list_abort_and_copy_parts() {
    let setting = Setting::with("bucket").await;
    setting.put("bucket", "source", b"0123456789").await;
    let upload = begin(&setting, NewUpload::default()).await;
    let get = Get {
        range: Some(ByteRange::FromTo(2, 4)),
        ..Get::default()
    };
    let (copied, _) = setting
        .store
        .copy_part(
            &setting.workspace,
            ("bucket", "key"),
            &upload.id,
            1,
            ("bucket", "source", &get),
            None,
        )
        .await
        .unwrap();
    assert_eq!(copied.bytes, 3);
    setting.wait(domain::Span::seconds(1));
    let second = begin(&setting, NewUpload::default()).await;
    let mut list = ListUploads {
        limit: 1,
        ..ListUploads::default()
    };
    let mut seen = Vec::new();
    loop {
        let page = setting
            .store
            .list_uploads(&setting.workspace, "bucket", &list)
            .await
            .unwrap();
        seen.extend(page.uploads.into_iter().map(|upload| upload.id));
        let Some((key, id)) = page.next else { break };
        list.after_key = Some(key);
        list.after_upload = Some(id);
    }
    assert_eq!(seen, [upload.id.clone(), second.id.clone()]);
    let full = setting
        .store
        .delete_bucket(&setting.workspace, "bucket")
        .await;
    assert!(matches!(full, Err(Error::BucketNotEmpty { .. })));
    for id in [&upload.id, &second.id] {
        setting
            .store
            .abort_upload(&setting.workspace, "bucket", "key", id)
            .await
            .unwrap();
    }
    let again = setting
        .store
        .abort_upload(&setting.workspace, "bucket", "key", &upload.id)
        .await;
    assert!(matches!(again, Err(Error::NoSuchUpload(_))));
}

#[tokio::test]
async fn what_a_crash_left_of_a_closed_upload_is_cleared_away() {
    let rows = std::sync::Arc::new(crate::watched::Watched::new(true));
    let setting = Setting::over(rows.clone());
    setting.bucket("bucket").await;
    let upload = begin(&setting, NewUpload::default()).await;
    part(&setting, &upload, 1, &noise(10_000)).await.unwrap();
    // The commit that closes the upload happens, and nothing after it.
    rows.fails.store(true, std::sync::atomic::Ordering::SeqCst);
    let (store, workspace) = (&setting.store, &setting.workspace);
    let aborted = store.abort_upload(workspace, "bucket", "key", &upload.id);
    assert!(matches!(aborted.await, Err(Error::Store(_))));
    rows.fails.store(false, std::sync::atomic::Ordering::SeqCst);
    let late = part(&setting, &upload, 2, b"late").await;
    assert!(matches!(late, Err(Error::NoSuchUpload(_))));
    let listed = store
        .list_uploads(workspace, "bucket", &ListUploads::default())
        .await
        .unwrap();
    assert!(listed.uploads.is_empty());
    assert_eq!(setting.blobs().len(), 1);
    store.sweep().await.unwrap();
    assert!(setting.blobs().is_empty());
}
