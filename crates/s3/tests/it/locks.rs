//! Versions that may not be removed.

use crate::setting::{Answer, Setting};

async fn lockable() -> Setting {
    let s3 = Setting::new().await;
    s3.put("/data", "")
        .header("x-amz-bucket-object-lock-enabled", "true")
        .send()
        .await
        .ok();
    s3
}

fn version(answer: &Answer) -> String {
    answer.header("x-amz-version-id").unwrap().to_owned()
}

fn retention(mode: &str, until: &str) -> String {
    format!("<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>")
}

const FAR: &str = "2126-01-01T00:00:00.000Z";
const FARTHER: &str = "2127-01-01T00:00:00.000Z";

#[tokio::test]
async fn a_held_version_stays_until_it_is_let_go() {
    let s3 = lockable().await;
    let put = s3
        .put("/data/a", "x")
        .header("x-amz-object-lock-legal-hold", "ON")
        .send()
        .await
        .ok();
    let path = format!("/data/a?versionId={}", version(&put));
    let head = s3.call("HEAD", "/data/a").send().await.ok();
    assert_eq!(head.header("x-amz-object-lock-legal-hold"), Some("ON"));
    s3.call("DELETE", &path)
        .send()
        .await
        .fails(403, "AccessDenied");
    // A marker hides it and is no lock's matter, nor is its removal.
    let marker = s3.call("DELETE", "/data/a").send().await.ok();
    let marker = format!("/data/a?versionId={}", version(&marker));
    s3.call("DELETE", &marker).send().await.ok();
    let hold = |status: &str| format!("<LegalHold><Status>{status}</Status></LegalHold>");
    s3.put("/data/a?legal-hold", hold("OFF")).send().await.ok();
    let shown = s3.get("/data/a?legal-hold").send().await.ok();
    assert_eq!(shown.element("Status").as_deref(), Some("OFF"));
    assert_eq!(s3.call("DELETE", &path).send().await.status, 204);
}

#[tokio::test]
async fn a_retained_version_stays_until_its_time() {
    let s3 = lockable().await;
    let put = s3.put("/data/a", "x").send().await.ok();
    let path = format!("/data/a?versionId={}", version(&put));
    s3.get("/data/a?retention")
        .send()
        .await
        .fails(404, "NoSuchObjectLockConfiguration");
    let governed = retention("GOVERNANCE", FAR);
    s3.put("/data/a?retention", governed).send().await.ok();
    s3.call("DELETE", &path)
        .send()
        .await
        .fails(403, "AccessDenied");
    // Shorter only for who may end it; compliance for nobody.
    let shorter = retention("GOVERNANCE", "2125-01-01T00:00:00.000Z");
    let refused = s3.put("/data/a?retention", shorter.clone()).send().await;
    refused.fails(403, "AccessDenied");
    s3.put("/data/a?retention", shorter)
        .header("x-amz-bypass-governance-retention", "true")
        .send()
        .await
        .ok();
    let strict = retention("COMPLIANCE", FARTHER);
    s3.put("/data/a?retention", strict).send().await.ok();
    let shown = s3.get("/data/a?retention").send().await.ok();
    assert_eq!(shown.element("Mode").as_deref(), Some("COMPLIANCE"));
    for change in [
        s3.call("DELETE", &path),
        s3.put("/data/a?retention", retention("COMPLIANCE", FAR)),
        s3.put("/data/a?retention", "<Retention/>"),
    ] {
        let refused = change
            .header("x-amz-bypass-governance-retention", "true")
            .send()
            .await;
        refused.fails(403, "AccessDenied");
    }
    // It is there to be read, whatever was written after it.
    s3.put("/data/a", "y").send().await.ok();
    assert_eq!(s3.get(&path).send().await.ok().text(), "x");
}

#[tokio::test]
async fn who_may_can_end_a_governance() {
    let s3 = lockable().await;
    let put = s3
        .put("/data/a", "x")
        .header("x-amz-object-lock-mode", "GOVERNANCE")
        .header("x-amz-object-lock-retain-until-date", FAR)
        .send()
        .await
        .ok();
    let path = format!("/data/a?versionId={}", version(&put));
    let head = s3.call("HEAD", "/data/a").send().await.ok();
    assert_eq!(head.header("x-amz-object-lock-mode"), Some("GOVERNANCE"));
    s3.call("DELETE", &path)
        .send()
        .await
        .fails(403, "AccessDenied");
    let ended = s3
        .call("DELETE", &path)
        .header("x-amz-bypass-governance-retention", "true")
        .send()
        .await;
    assert_eq!(ended.status, 204);
}

#[tokio::test]
async fn a_bucket_says_how_long_new_versions_stay() {
    let s3 = lockable().await;
    let rule = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>\
                <DefaultRetention><Mode>COMPLIANCE</Mode><Days>3</Days></DefaultRetention></Rule>\
                </ObjectLockConfiguration>";
    s3.put("/data?object-lock", rule).send().await.ok();
    let shown = s3.get("/data?object-lock").send().await.ok();
    assert_eq!(shown.element("Days").as_deref(), Some("3"));
    let put = s3.put("/data/a", "x").send().await.ok();
    let path = format!("/data/a?versionId={}", version(&put));
    s3.call("DELETE", &path)
        .send()
        .await
        .fails(403, "AccessDenied");
    // A copy has the target's lock and not the source's.
    let copied = s3
        .put("/data/b", "")
        .header("x-amz-copy-source", "/data/a")
        .send()
        .await
        .ok();
    let copy = format!("/data/b?versionId={}", version(&copied));
    s3.call("DELETE", &copy)
        .send()
        .await
        .fails(403, "AccessDenied");
    let suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    s3.put("/data?versioning", suspended)
        .send()
        .await
        .fails(409, "InvalidBucketState");
}

#[tokio::test]
async fn what_cannot_be_locked_is_said() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "x").send().await.ok();
    let on = "<LegalHold><Status>ON</Status></LegalHold>";
    s3.put("/data/a?legal-hold", on)
        .send()
        .await
        .fails(400, "InvalidRequest");
    s3.put("/data/a?retention", retention("GOVERNANCE", FAR))
        .send()
        .await
        .fails(400, "InvalidRequest");
    let config = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>\
                  </ObjectLockConfiguration>";
    s3.put("/data?object-lock", config)
        .send()
        .await
        .fails(409, "InvalidBucketState");
    let s3 = lockable().await;
    s3.put("/data/a", "x").send().await.ok();
    let past = retention("GOVERNANCE", "2020-01-01T00:00:00.000Z");
    s3.put("/data/a?retention", past)
        .send()
        .await
        .fails(400, "InvalidArgument");
    s3.put("/data/b", "x")
        .header("x-amz-object-lock-mode", "GOVERNANCE")
        .send()
        .await
        .fails(400, "InvalidArgument");
}
