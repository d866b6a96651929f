//! Versions and delete markers through the protocol.

use crate::setting::Setting;

async fn versioned() -> Setting {
    let s3 = Setting::with_bucket().await;
    s3.put(
        "/data?versioning",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    )
    .send()
    .await
    .ok();
    s3
}

#[tokio::test]
async fn versions_and_markers() {
    let s3 = versioned().await;
    let version =
        |answer: crate::setting::Answer| answer.header("x-amz-version-id").unwrap().to_owned();
    let one = version(s3.put("/data/a", "one").send().await.ok());
    let two = version(s3.put("/data/a", "two").send().await.ok());
    assert_ne!(one, two);
    let old = s3
        .get(&format!("/data/a?versionId={one}"))
        .send()
        .await
        .ok();
    assert_eq!(old.text(), "one");
    let deleted = s3.call("DELETE", "/data/a").send().await.ok();
    assert_eq!(deleted.header("x-amz-delete-marker"), Some("true"));
    let marker = version(deleted);
    let gone = s3.get("/data/a").send().await.fails(404, "NoSuchKey");
    assert_eq!(gone.header("x-amz-delete-marker"), Some("true"));
    let named = s3.get(&format!("/data/a?versionId={marker}")).send().await;
    let named = named.fails(405, "MethodNotAllowed");
    assert!(named.header("last-modified").is_some());
    let listed = s3.get("/data?versions").send().await.ok();
    assert_eq!(listed.text().matches("<Version>").count(), 2);
    assert_eq!(listed.text().matches("<DeleteMarker>").count(), 1);
    let page = s3.get("/data?versions&max-keys=1").send().await.ok();
    assert_eq!(page.element("NextKeyMarker").as_deref(), Some("a"));
    assert_eq!(
        page.element("NextVersionIdMarker").as_deref(),
        Some(&*marker)
    );
    s3.call("DELETE", &format!("/data/a?versionId={marker}"))
        .send()
        .await
        .ok();
    assert_eq!(s3.get("/data/a").send().await.ok().text(), "two");
    let copy = s3
        .put("/data/b", "")
        .header("x-amz-copy-source", &format!("/data/a?versionId={one}"));
    let copy = copy.send().await.ok();
    assert_eq!(copy.header("x-amz-copy-source-version-id"), Some(&*one));
    assert_eq!(s3.get("/data/b").send().await.ok().text(), "one");
}

#[tokio::test]
async fn tags_of_a_version() {
    let s3 = versioned().await;
    let put = s3.put("/data/a", "one").send().await.ok();
    let one = put.header("x-amz-version-id").unwrap().to_owned();
    s3.put("/data/a", "two").send().await.ok();
    let tags = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
    let path = format!("/data/a?tagging&versionId={one}");
    s3.put(&path, tags).send().await.ok();
    assert_eq!(
        s3.get(&path).send().await.ok().element("Value").as_deref(),
        Some("v")
    );
    assert_eq!(
        s3.get("/data/a?tagging").send().await.ok().element("Value"),
        None
    );
    s3.call("DELETE", &path).send().await.ok();
    assert_eq!(s3.get(&path).send().await.ok().element("Value"), None);
    let many = (0..11).fold(String::new(), |text, i| {
        text + &format!("<Tag><Key>{i}</Key><Value/></Tag>")
    });
    let many = format!("<Tagging><TagSet>{many}</TagSet></Tagging>");
    s3.put("/data/a?tagging", many)
        .send()
        .await
        .fails(400, "InvalidTag");
}
