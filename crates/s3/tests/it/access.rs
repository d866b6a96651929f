//! Permissions: identity policies, bucket policies, tenants.

use crate::setting::{Setting, signer};

#[tokio::test]
async fn identity_policies() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/open/a", "x").send().await.ok();
    s3.put("/data/shut/a", "x").send().await.ok();
    let reader = || signer("READER");
    s3.get("/data/open/a").by(reader()).send().await.ok();
    s3.get("/data/shut/a")
        .by(reader())
        .send()
        .await
        .fails(403, "AccessDenied");
    s3.put("/data/open/a", "y")
        .by(reader())
        .send()
        .await
        .fails(403, "AccessDenied");
    s3.call("DELETE", "/data/open/a")
        .by(reader())
        .send()
        .await
        .fails(403, "AccessDenied");
    // Who may not list does not learn what is absent.
    let absent = s3.get("/data/open/none").by(reader()).send().await;
    absent.fails(403, "AccessDenied");
    let nobody = s3.get("/data/open/a").by(signer("NOBODY")).send().await;
    let nobody = nobody.fails(403, "AccessDenied");
    assert!(nobody.text().contains("s3:GetObject"));
    s3.get("/").by(signer("NOBODY")).send().await.ok();
}

#[tokio::test]
async fn copies_need_both_ends() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/shut/a", "x").send().await.ok();
    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/reader"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::data/*"}]}"#;
    s3.put("/data?policy", policy).send().await.ok();
    let copy = |from: &str| {
        s3.put("/data/b", "")
            .header("x-amz-copy-source", from)
            .by(signer("READER"))
    };
    copy("/data/shut/a").send().await.fails(403, "AccessDenied");
    s3.put("/data/open/a", "x").send().await.ok();
    copy("/data/open/a").send().await.ok();
}

#[tokio::test]
async fn every_deleted_key_needs_a_permission() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "x").send().await.ok();
    s3.put("/data/b", "x").send().await.ok();
    let policy = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::data/a"}]}"#;
    s3.put("/data?policy", policy).send().await.ok();
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
    let sum = {
        use base64::Engine as _;
        base64::prelude::BASE64_STANDARD.encode(crc32fast::hash(body.as_bytes()).to_be_bytes())
    };
    let call = s3
        .call("POST", "/data?delete")
        .body(body)
        .header("x-amz-checksum-crc32", &sum);
    let done = call.by(signer("NOBODY")).send().await.ok();
    assert_eq!(done.text().matches("<Deleted>").count(), 1);
    assert_eq!(done.element("Code").as_deref(), Some("AccessDenied"));
    s3.get("/data/a").send().await.fails(404, "NoSuchKey");
    s3.get("/data/b").send().await.ok();
}

#[tokio::test]
async fn bucket_policies() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/public/a", "x").send().await.ok();
    s3.put("/data/a", "x").send().await.ok();
    s3.get("/data?policy")
        .send()
        .await
        .fails(404, "NoSuchBucketPolicy");
    let open = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/public/*"},
        {"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::data/frozen/*"}]}"#;
    assert_eq!(s3.put("/data?policy", open).send().await.status, 204);
    assert_eq!(s3.get("/data?policy").send().await.ok().text(), open);
    let status = s3.get("/data?policyStatus").send().await.ok();
    assert_eq!(status.element("IsPublic").as_deref(), Some("true"));
    s3.get("/data/public/a").anonymous().send().await.ok();
    s3.get("/data/a")
        .anonymous()
        .send()
        .await
        .fails(403, "AccessDenied");
    s3.put("/data/public/b", "x")
        .anonymous()
        .send()
        .await
        .fails(403, "AccessDenied");
    // A denial binds the owner too.
    s3.put("/data/frozen/a", "x")
        .send()
        .await
        .fails(403, "AccessDenied");
    let block = "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>";
    s3.put("/data?publicAccessBlock", block).send().await.ok();
    s3.get("/data/public/a")
        .anonymous()
        .send()
        .await
        .fails(403, "AccessDenied");
    s3.put("/data?policy", open)
        .send()
        .await
        .fails(403, "AccessDenied");
    s3.call("DELETE", "/data?publicAccessBlock")
        .send()
        .await
        .ok();
    s3.call("DELETE", "/data?policy").send().await.ok();
    s3.get("/data/public/a")
        .anonymous()
        .send()
        .await
        .fails(403, "AccessDenied");
    for bad in [
        "{}",
        "nonsense",
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*","Condition":{"StringEquals":{"s3:ExistingObjectTag/a":"b"}}}]}"#,
    ] {
        s3.put("/data?policy", bad)
            .send()
            .await
            .fails(400, "MalformedPolicy");
    }
}

#[tokio::test]
async fn conditions_know_the_connection() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "x").send().await.ok();
    for (condition, status) in [
        (r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#, 200),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, 403),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, 403),
        (r#"{"Bool":{"aws:SecureTransport":"false"}}"#, 200),
    ] {
        let policy = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*","Condition":{condition}}}]}}"#
        );
        s3.put("/data?policy", policy).send().await.ok();
        let got = s3.get("/data/a").anonymous().send().await;
        assert_eq!(got.status, status, "{condition}");
    }
}

#[tokio::test]
async fn tenants_do_not_see_each_other() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "x").send().await.ok();
    let other = || signer("OTHER");
    s3.get("/data/a")
        .by(other())
        .send()
        .await
        .fails(404, "NoSuchBucket");
    s3.call("DELETE", "/data")
        .by(other())
        .send()
        .await
        .fails(404, "NoSuchBucket");
    s3.put("/data/a", "y")
        .by(other())
        .send()
        .await
        .fails(404, "NoSuchBucket");
    assert_eq!(
        s3.get("/")
            .by(other())
            .send()
            .await
            .ok()
            .text()
            .matches("<Bucket>")
            .count(),
        0
    );
    s3.put("/data", "").by(other()).send().await.ok();
    let copy = s3
        .put("/data/b", "")
        .header("x-amz-copy-source", "/data/a")
        .by(other());
    copy.send().await.fails(404, "NoSuchKey");
    assert_eq!(s3.get("/data/a").send().await.ok().text(), "x");
}
