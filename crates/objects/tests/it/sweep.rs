//! What the sweep removes and what it leaves; lifecycle rules.

use crate::setting::{Setting, files, noise};
use contracts::objects::Objects as _;
use domain::Span;
use std::fs;
use tradewind_objects::{Encryption, NewUpload, Put, Rule, Versioning};

#[tokio::test]
async fn deleted_and_overwritten_files_stay_for_an_hour() {
    let setting = Setting::with("bucket").await;
    let (store, workspace) = (&setting.store, &setting.workspace);
    for key in ["deleted", "overwritten", "kept"] {
        setting.put("bucket", key, &noise(10_000)).await;
    }
    setting.wait(Span::hours(48));
    let (_, deleted) = store.file(workspace, "bucket", "deleted").await.unwrap();
    let (_, overwritten) = store
        .file(workspace, "bucket", "overwritten")
        .await
        .unwrap();
    store
        .delete_object(workspace, "bucket", "deleted", None)
        .await
        .unwrap();
    setting.put("bucket", "overwritten", &noise(20_000)).await;
    setting.wait(Span::minutes(59));
    assert_eq!(store.sweep().await.unwrap().files, 0);
    assert!(deleted.exists() && overwritten.exists());
    setting.wait(Span::minutes(2));
    let swept = store.sweep().await.unwrap();
    assert_eq!((swept.files, swept.bytes), (2, 20_000));
    assert!(!deleted.exists() && !overwritten.exists());
    assert_eq!(setting.read("bucket", "kept").await, noise(10_000));
    assert_eq!(setting.read("bucket", "overwritten").await, noise(20_000));
}

#[tokio::test]
async fn versions_parts_and_staged_copies_are_told_apart() {
    let setting = Setting::with("bucket").await;
    let (store, workspace) = (&setting.store, &setting.workspace);
    store
        .update_bucket(workspace, "bucket", |settings| {
            settings.versioning = Versioning::Enabled;
            Ok(())
        })
        .await
        .unwrap();
    let old = setting.put("bucket", "key", &noise(5_000)).await;
    let put = Put {
        encryption: Some(Encryption { key: None }),
        ..Put::default()
    };
    setting
        .put_with("bucket", "key", &noise(6_000), put)
        .await
        .unwrap();
    let (_, staged) = store.file(workspace, "bucket", "key").await.unwrap();
    let upload = store
        .begin_upload(workspace, "bucket", "up", NewUpload::default())
        .await
        .unwrap();
    let body = contracts::objects::conformance::body(&[&noise(7_000)]);
    store
        .upload_part(
            workspace,
            ("bucket", "up"),
            &upload.id,
            1,
            body,
            Default::default(),
        )
        .await
        .unwrap();
    let stray = setting
        .folder()
        .join("objects/blobs/00/00000000000000000000000000000000");
    fs::write(&stray, "x").unwrap();
    setting.wait(Span::hours(2));
    assert_eq!(store.sweep().await.unwrap().files, 1);
    assert!(!stray.exists() && staged.exists());
    setting.wait(Span::hours(30));
    assert_eq!(store.sweep().await.unwrap().files, 1);
    assert!(!staged.exists());
    assert_eq!(setting.blobs().len(), 3);
    assert_eq!(
        setting
            .version("bucket", "key", &old.version)
            .await
            .unwrap(),
        noise(5_000)
    );
    assert_eq!(setting.read("bucket", "key").await, noise(6_000));
    store.file(workspace, "bucket", "key").await.unwrap();
}

#[tokio::test]
async fn a_sweep_beside_writers_takes_nothing_they_need() {
    let setting = Setting::with("bucket").await;
    let (store, workspace) = (&setting.store, &setting.workspace);
    store
        .update_bucket(workspace, "bucket", |settings| {
            settings.versioning = Versioning::Enabled;
            Ok(())
        })
        .await
        .unwrap();
    // The clock ends where the system's is, which dates files that are being written.
    setting.wait(Span::hours(-5));
    for key in 0..10 {
        setting
            .put("bucket", &format!("{key}"), &noise(3_000))
            .await;
    }
    setting.wait(Span::hours(5));
    // Versions move between rows while the sweep reads them.
    let sweeps = async {
        for _ in 0..20 {
            assert_eq!(store.sweep().await.unwrap().files, 0);
        }
    };
    let writes = async {
        for _ in 0..5 {
            for key in 0..10 {
                setting
                    .put("bucket", &format!("{key}"), &noise(3_000))
                    .await;
            }
        }
    };
    tokio::join!(sweeps, writes);
    assert_eq!(setting.blobs().len(), 60);
}

async fn rules(setting: &Setting, rules: Vec<Rule>) {
    setting
        .store
        .update_bucket(&setting.workspace, "bucket", |settings| {
            settings.lifecycle = rules.clone();
            settings.versioning = Versioning::Enabled;
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn rules_expire_what_they_name() {
    let setting = Setting::with("bucket").await;
    let (store, workspace) = (&setting.store, &setting.workspace);
    let rule = |prefix: &str| Rule {
        id: prefix.to_owned(),
        enabled: true,
        prefix: prefix.to_owned(),
        ..Rule::default()
    };
    let all = vec![
        Rule {
            days: Some(3),
            lone_markers: true,
            earlier_days: Some(1),
            ..rule("logs/")
        },
        Rule {
            earlier_days: Some(2),
            earlier_kept: 1,
            abort_upload_days: Some(1),
            ..rule("data/")
        },
        Rule {
            days: Some(1),
            enabled: false,
            ..rule("off/")
        },
    ];
    rules(&setting, all).await;
    for key in ["logs/a", "data/a", "off/a"] {
        for n in 0..4_u8 {
            setting.put("bucket", key, &[n]).await;
        }
    }
    store
        .begin_upload(workspace, "bucket", "data/up", NewUpload::default())
        .await
        .unwrap();
    store
        .begin_upload(workspace, "bucket", "off/up", NewUpload::default())
        .await
        .unwrap();
    setting.wait(Span::hours(23));
    let expired = store.expire().await.unwrap();
    assert_eq!(
        (expired.objects, expired.versions, expired.uploads),
        (0, 0, 0)
    );
    setting.wait(Span::hours(50));
    let expired = store.expire().await.unwrap();
    // `logs/a` got a marker and lost its three older versions, `data/a` keeps one earlier one.
    assert_eq!(
        (expired.objects, expired.versions, expired.uploads),
        (1, 5, 1)
    );
    assert!(store.head(workspace, "bucket", "logs/a").await.is_err());
    assert_eq!(setting.read("bucket", "data/a").await, [3][..]);
    setting.wait(Span::hours(30));
    let expired = store.expire().await.unwrap();
    // The version behind the marker, and next time the marker that is left alone.
    assert_eq!((expired.objects, expired.versions), (0, 1));
    let expired = store.expire().await.unwrap();
    assert_eq!((expired.objects, expired.versions), (0, 1));
    assert_eq!(setting.read("bucket", "off/a").await, [3][..]);
    let left = store
        .list_versions(workspace, "bucket", &Default::default(), None)
        .await
        .unwrap();
    assert_eq!(left.versions.len(), 2 + 4);
    assert!(files(&setting.folder().join("objects/tmp")).is_empty());
}
