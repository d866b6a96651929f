//! Listing many keys.

use crate::setting::Setting;
use crate::watched::Watched;
use contracts::objects::{ListObjects, ObjectError, Objects as _};
use std::sync::Arc;
use std::sync::atomic::Ordering;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_keys_fold_by_skipping() {
    let rows = Arc::new(Watched::new(false));
    let setting = Setting::over(rows.clone());
    setting.bucket("bucket").await;
    for folder in 0..20 {
        for n in 0..500 {
            let key = format!("data/{folder:02}/{n:03}.csv");
            setting.put("bucket", &key, b"").await;
        }
    }
    let (store, workspace) = (&setting.store, &setting.workspace);
    let list = ListObjects {
        prefix: "data/".into(),
        delimiter: Some("/".into()),
        ..ListObjects::default()
    };
    rows.listed.store(0, Ordering::SeqCst);
    let folded = store.list(workspace, "bucket", &list).await.unwrap();
    assert_eq!(folded.prefixes.len(), 20);
    assert_eq!((folded.objects.len(), folded.next), (0, None));
    let read = rows.listed.load(Ordering::SeqCst);
    assert!(
        read <= 20 * 100,
        "{read} rows were read to fold ten thousand"
    );
    let (mut all, mut list) = (Vec::new(), ListObjects::default());
    loop {
        let page = store.list(workspace, "bucket", &list).await.unwrap();
        all.extend(page.objects.into_iter().map(|head| head.key));
        list.after = page.next;
        if list.after.is_none() {
            break;
        }
    }
    assert_eq!(all.len(), 10_000);
    assert!(all.is_sorted());
}

#[tokio::test]
async fn a_bucket_name_with_a_slash_reaches_into_no_other_bucket() {
    let setting = Setting::with("bucket").await;
    setting.put("bucket", "folder/key", b"secret").await;
    let (store, workspace) = (&setting.store, &setting.workspace);
    let tricky = "bucket/folder";
    let list = store.list(workspace, tricky, &ListObjects::default()).await;
    assert!(matches!(list, Err(ObjectError::NoSuchBucket(_))));
    let head = store.head(workspace, tricky, "key").await;
    assert!(matches!(head, Err(ObjectError::NoSuchBucket(_))));
    assert!(store.delete(workspace, tricky, "key").await.is_err());
    let versions = store
        .list_versions(workspace, tricky, &ListObjects::default(), None)
        .await;
    assert!(versions.is_err());
    assert_eq!(setting.read("bucket", "folder/key").await, "secret");
}

#[tokio::test]
async fn markers_may_be_any_text() {
    let setting = Setting::with("bucket").await;
    setting.put("bucket", "a", b"x").await;
    setting.put("bucket", "b", b"x").await;
    let (store, workspace) = (&setting.store, &setting.workspace);
    for (after, expected) in [
        ("a\0z".to_owned(), 1),
        ("a".repeat(5_000), 1),
        ("ä".repeat(5_000), 0),
        ("\0".to_owned(), 2),
        (String::new(), 2),
        ("\u{10FFFF}".repeat(900), 0),
    ] {
        let list = ListObjects {
            after: Some(after.clone()),
            ..ListObjects::default()
        };
        let found = store.list(workspace, "bucket", &list).await.unwrap();
        assert_eq!(found.objects.len(), expected, "{after:.20}");
        let found = store
            .list_versions(workspace, "bucket", &list, Some("null"))
            .await
            .unwrap();
        assert_eq!(found.versions.len(), expected, "{after:.20}");
    }
    let list = ListObjects {
        prefix: "p\0".repeat(2_000),
        ..ListObjects::default()
    };
    let found = store.list(workspace, "bucket", &list).await.unwrap();
    assert!(found.objects.is_empty());
}
