//! Listing many keys.

use crate::setting::Setting;
use crate::watched::Watched;
use contracts::objects::{ListObjects, Objects as _};
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
