//! Versions, markers, copies, tags, buckets.

use crate::setting::{Setting, noise};
use contracts::objects::ListObjects;
use std::collections::BTreeMap;
use tradewind_objects::{
    BucketSettings, Copy, Deleted, Description, Error, Get, Named, Object, Put, Redescribe,
    Versioning,
};

async fn versioned(state: Versioning) -> Setting {
    let setting = Setting::with("bucket").await;
    set(&setting, state).await;
    setting
}

async fn set(setting: &Setting, state: Versioning) {
    setting
        .store
        .update_bucket(&setting.workspace, "bucket", |settings| {
            settings.versioning = state;
            Ok(())
        })
        .await
        .unwrap();
}

async fn all_versions(setting: &Setting, limit: u32) -> Vec<(Object, bool)> {
    let mut list = ListObjects {
        limit,
        ..ListObjects::default()
    };
    let (mut all, mut version) = (Vec::new(), None);
    loop {
        let page = setting
            .store
            .list_versions(&setting.workspace, "bucket", &list, version.as_deref())
            .await
            .unwrap();
        assert!(limit == 0 || page.versions.len() <= limit as usize);
        all.extend(page.versions);
        let Some((key, next)) = page.next else {
            return all;
        };
        list.after = Some(key);
        version = Some(next);
    }
}

async fn delete(setting: &Setting, key: &str, version: Option<&str>) -> Deleted {
    setting
        .store
        .delete_object(&setting.workspace, "bucket", key, version)
        .await
        .unwrap()
}

#[tokio::test]
async fn every_write_makes_a_version() {
    let setting = versioned(Versioning::Enabled).await;
    let one = setting.put("bucket", "key", b"one").await;
    let two = setting.put("bucket", "key", &noise(9_000)).await;
    assert_ne!(one.version, two.version);
    assert_eq!(
        setting
            .version("bucket", "key", &one.version)
            .await
            .unwrap(),
        "one"
    );
    assert_eq!(setting.read("bucket", "key").await, noise(9_000));
    let Deleted::Marked { version: marker } = delete(&setting, "key", None).await else {
        panic!("a marker is made");
    };
    let read = setting.get("bucket", "key", &Get::default()).await;
    assert!(matches!(
        read,
        Err(Error::DeleteMarker {
            named: Named::Current,
            ..
        })
    ));
    let read = setting.version("bucket", "key", &marker).await;
    assert!(matches!(
        read,
        Err(Error::DeleteMarker {
            named: Named::Version,
            ..
        })
    ));
    let listing = setting
        .store
        .list_objects(&setting.workspace, "bucket", &ListObjects::default())
        .await
        .unwrap();
    assert!(listing.objects.is_empty());
    // Without the marker the newest version is back; without that the one before it.
    let undone = delete(&setting, "key", Some(&marker)).await;
    assert_eq!(
        undone,
        Deleted::Version {
            version: marker,
            was_marker: true
        }
    );
    assert_eq!(setting.read("bucket", "key").await, noise(9_000));
    delete(&setting, "key", Some(&two.version)).await;
    assert_eq!(setting.read("bucket", "key").await, "one");
    delete(&setting, "key", Some(&one.version)).await;
    let read = setting.get("bucket", "key", &Get::default()).await;
    assert!(matches!(read, Err(Error::NoSuchObject { .. })));
    assert_eq!(
        delete(&setting, "key", Some("null")).await,
        Deleted::Nothing
    );
}

#[tokio::test]
async fn the_version_null_comes_and_goes_with_suspension() {
    let setting = Setting::with("bucket").await;
    setting.put("bucket", "key", b"before").await;
    set(&setting, Versioning::Enabled).await;
    let kept = setting.put("bucket", "key", b"kept").await;
    assert_eq!(
        setting.version("bucket", "key", "null").await.unwrap(),
        "before"
    );
    set(&setting, Versioning::Suspended).await;
    let null = setting.put("bucket", "key", b"null again").await;
    assert_eq!(null.version, "null");
    setting.put("bucket", "key", b"and again").await;
    assert_eq!(all_versions(&setting, 0).await.len(), 2);
    assert_eq!(
        setting
            .version("bucket", "key", &kept.version)
            .await
            .unwrap(),
        "kept"
    );
    assert_eq!(setting.read("bucket", "key").await, "and again");
    assert_eq!(
        delete(&setting, "key", None).await,
        Deleted::Marked {
            version: "null".to_owned()
        }
    );
    assert_eq!(all_versions(&setting, 0).await.len(), 2);
    let off = setting
        .store
        .update_bucket(&setting.workspace, "bucket", |settings| {
            settings.versioning = Versioning::Off;
            Ok(())
        })
        .await;
    assert!(matches!(off, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn versions_list_by_key_and_newest_first_on_any_page() {
    let setting = versioned(Versioning::Enabled).await;
    let mut expected = Vec::new();
    for key in ["a", "a\u{1}", "a/b", "b"] {
        let mut versions = Vec::new();
        for n in 0..5_u8 {
            versions.push(setting.put("bucket", key, &[n]).await.version);
        }
        versions.reverse();
        expected.extend(
            versions
                .into_iter()
                .map(|version| (key.to_owned(), version)),
        );
    }
    for limit in [0, 1, 2, 5, 7] {
        let found: Vec<_> = all_versions(&setting, limit)
            .await
            .into_iter()
            .map(|(object, _)| (object.key, object.version))
            .collect();
        assert_eq!(found, expected, "pages of {limit}");
    }
    let present = all_versions(&setting, 0).await;
    assert_eq!(
        present.iter().filter(|(_, is_present)| *is_present).count(),
        4
    );
}

#[tokio::test]
async fn writers_of_one_key_make_one_history() {
    let setting = versioned(Versioning::Enabled).await;
    let bodies: Vec<Vec<u8>> = (0..20_u8).map(|n| vec![n; 3_000]).collect();
    let writes = bodies
        .iter()
        .map(|bytes| setting.put("bucket", "key", bytes));
    let mut made: Vec<String> = futures::future::join_all(writes)
        .await
        .into_iter()
        .map(|object| object.version)
        .collect();
    let found = all_versions(&setting, 0).await;
    let mut versions: Vec<String> = found
        .into_iter()
        .map(|(object, _)| object.version)
        .collect();
    assert!(versions.is_sorted());
    made.sort();
    versions.sort();
    assert_eq!(made, versions);
}

#[tokio::test]
async fn copies_share_bytes_and_may_differ_in_description() {
    let setting = Setting::with("bucket").await;
    let mut put = Put::default();
    put.description.metadata.insert("a".into(), "1".into());
    put.description.tags.insert("t".into(), "1".into());
    let bytes = noise(100_000);
    setting
        .put_with("bucket", "from", &bytes, put)
        .await
        .unwrap();
    let mut copy = Copy {
        bucket: "bucket".into(),
        key: "from".into(),
        ..Copy::default()
    };
    let (kept, _) = setting
        .store
        .copy_object(&setting.workspace, "bucket", "kept", &copy)
        .await
        .unwrap();
    assert_eq!((kept.metadata.len(), kept.tags.len()), (1, 1));
    copy.description = Some(Description::default());
    copy.tags = Some(BTreeMap::new());
    let (bare, _) = setting
        .store
        .copy_object(&setting.workspace, "bucket", "bare", &copy)
        .await
        .unwrap();
    assert_eq!((bare.metadata.len(), bare.tags.len()), (0, 0));
    delete(&setting, "from", None).await;
    setting.wait(domain::Span::hours(3));
    assert_eq!(setting.store.sweep().await.unwrap().files, 1);
    assert_eq!(setting.read("bucket", "kept").await, bytes);
    assert_eq!(setting.read("bucket", "bare").await, bytes);
}

#[tokio::test]
async fn descriptions_change_without_the_bytes() {
    let setting = versioned(Versioning::Enabled).await;
    let old = setting.put("bucket", "key", b"old").await;
    setting.put("bucket", "key", b"new").await;
    let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    let change = Redescribe {
        tags: Some(tags.clone()),
        ..Redescribe::default()
    };
    for version in [None, Some(old.version.as_str())] {
        setting
            .store
            .redescribe(&setting.workspace, "bucket", "key", version, &change)
            .await
            .unwrap();
        let head = setting
            .store
            .head_object(&setting.workspace, "bucket", "key", version)
            .await
            .unwrap();
        assert_eq!(head.tags, tags);
    }
    assert_eq!(setting.read("bucket", "key").await, "new");
    assert_eq!(all_versions(&setting, 0).await.len(), 2);
    let many = Redescribe {
        tags: Some((0..51).map(|n| (n.to_string(), String::new())).collect()),
        ..Redescribe::default()
    };
    let refused = setting
        .store
        .redescribe(&setting.workspace, "bucket", "key", None, &many)
        .await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_bucket_is_deleted_only_when_nothing_is_in_it() {
    let setting = versioned(Versioning::Enabled).await;
    let again = setting
        .store
        .create_bucket(&setting.workspace, "bucket", BucketSettings::default())
        .await;
    assert!(matches!(again, Err(Error::BucketExists(_))));
    let object = setting.put("bucket", "key", b"x").await;
    let Deleted::Marked { version } = delete(&setting, "key", None).await else {
        panic!("a marker is made");
    };
    let full = setting
        .store
        .delete_bucket(&setting.workspace, "bucket")
        .await;
    assert!(matches!(full, Err(Error::BucketNotEmpty { .. })));
    // The refusal leaves the bucket as usable as it was.
    setting.put("bucket", "other", b"x").await;
    for (object, _) in all_versions(&setting, 0).await {
        delete(&setting, &object.key, Some(&object.version)).await;
    }
    let _ = (object, version);
    setting
        .store
        .delete_bucket(&setting.workspace, "bucket")
        .await
        .unwrap();
    let (buckets, _) = setting
        .store
        .list_buckets(&setting.workspace, "", None, 0)
        .await
        .unwrap();
    assert!(buckets.is_empty());
}
