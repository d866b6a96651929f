//! The contract's suite.

use crate::setting::Setting;
use contracts::objects::conformance;
use tradewind_objects::Encryption;

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_store_conforms() {
    let setting = Setting::new();
    let scratch = tempfile::tempdir().unwrap();
    conformance::all(&setting.store, scratch.path())
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_when_everything_is_encrypted() {
    let setting = Setting::new();
    for bucket in [
        "reads", "ranges", "names", "tricks", "demands", "races", "broken", "deletes", "orders",
        "folds", "apart", "files",
    ] {
        setting.bucket(bucket).await;
        setting
            .store
            .update_bucket(&setting.workspace, bucket, |settings| {
                settings.encryption = Some(Encryption { key: None });
                Ok(())
            })
            .await
            .unwrap();
    }
    let scratch = tempfile::tempdir().unwrap();
    conformance::all(&setting.store, scratch.path())
        .await
        .unwrap();
}
