//! Buckets and their settings: honoured, or refused.

use crate::setting::{ACCOUNT, Setting};

#[tokio::test]
async fn making_and_deleting() {
    let s3 = Setting::new().await;
    let made = s3.put("/data", "").send().await.ok();
    assert_eq!(made.header("location"), Some("/data"));
    s3.put("/data", "").send().await.ok();
    let constraint = |region: &str| {
        format!(
            "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        )
    };
    s3.put("/west", constraint("eu-west-1")).send().await.ok();
    s3.put("/west", constraint("eu-west-1"))
        .send()
        .await
        .fails(409, "BucketAlreadyOwnedByYou");
    let west = s3.get("/west?location").send().await.ok();
    assert!(west.text().contains("eu-west-1"));
    let first = s3.get("/data?location").send().await.ok();
    assert!(!first.text().contains("us-east-1"));
    let head = s3.call("HEAD", "/west").send().await.ok();
    assert_eq!(head.header("x-amz-bucket-region"), Some("eu-west-1"));
    let mut elsewhere = s3.owner.clone();
    elsewhere.region = "eu-central-1".to_owned();
    let unsaid = s3.put("/unsaid", "").by(elsewhere.clone()).send().await;
    unsaid.fails(400, "IllegalLocationConstraintException");
    let other = s3
        .put("/other", constraint("eu-west-1"))
        .by(elsewhere)
        .send()
        .await;
    other.fails(400, "IllegalLocationConstraintException");
    s3.put("/Bad_Name", "")
        .send()
        .await
        .fails(400, "InvalidBucketName");
    let public = s3
        .put("/public", "")
        .header("x-amz-acl", "public-read")
        .send()
        .await;
    public.fails(400, "InvalidBucketAclWithObjectOwnership");
    let all = s3.get("/").send().await.ok();
    assert_eq!(all.text().matches("<Bucket>").count(), 2);
    s3.put("/data/a", "x").send().await.ok();
    s3.call("DELETE", "/data")
        .send()
        .await
        .fails(409, "BucketNotEmpty");
    s3.call("DELETE", "/data/a").send().await.ok();
    assert_eq!(s3.call("DELETE", "/data").send().await.status, 204);
    s3.call("DELETE", "/data")
        .send()
        .await
        .fails(404, "NoSuchBucket");
}

#[tokio::test]
async fn the_expected_owner() {
    let s3 = Setting::with_bucket().await;
    for (owner, status) in [(ACCOUNT, 200), ("999999999999", 403)] {
        let head = s3
            .call("HEAD", "/data")
            .header("x-amz-expected-bucket-owner", owner);
        assert_eq!(head.send().await.status, status);
    }
    let none = s3
        .call("HEAD", "/none")
        .header("x-amz-expected-bucket-owner", ACCOUNT);
    assert_eq!(none.send().await.status, 404);
    let other = s3
        .put("/data/a", "x")
        .header("x-amz-expected-bucket-owner", "999999999999");
    other.send().await.fails(403, "AccessDenied");
}

/// Puts a document, reads it back, deletes it where that is possible.
async fn round(s3: &Setting, name: &str, body: &str, holds: &str, absent: Option<(u16, &str)>) {
    let path = format!("/data?{name}");
    if let Some((status, code)) = absent {
        s3.get(&path).send().await.fails(status, code);
    }
    s3.put(&path, body.to_owned()).send().await.ok();
    let got = s3.get(&path).send().await.ok();
    assert!(got.text().contains(holds), "{name}: {}", got.text());
    if let Some((status, code)) = absent {
        s3.call("DELETE", &path).send().await.ok();
        s3.get(&path).send().await.fails(status, code);
    }
}

#[tokio::test]
async fn settings_come_back() {
    let s3 = Setting::with_bucket().await;
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";
    round(
        &s3,
        "tagging",
        tags,
        "<Key>a</Key>",
        Some((404, "NoSuchTagSet")),
    )
    .await;
    let rules = "<LifecycleConfiguration><Rule><ID>old</ID><Status>Enabled</Status><Filter><And><Prefix>logs/</Prefix><Tag><Key>a</Key><Value>1</Value></Tag></And></Filter><Expiration><Days>30</Days></Expiration><AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>";
    round(
        &s3,
        "lifecycle",
        rules,
        "<Days>30</Days>",
        Some((404, "NoSuchLifecycleConfiguration")),
    )
    .await;
    let block = "<PublicAccessBlockConfiguration><BlockPublicPolicy>true</BlockPublicPolicy></PublicAccessBlockConfiguration>";
    round(
        &s3,
        "publicAccessBlock",
        block,
        "<BlockPublicPolicy>true",
        Some((404, "NoSuchPublicAccessBlockConfiguration")),
    )
    .await;
    let versions = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    round(&s3, "versioning", versions, "Enabled", None).await;
    let enforced = "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";
    round(
        &s3,
        "ownershipControls",
        enforced,
        "BucketOwnerEnforced",
        None,
    )
    .await;
    for canned in ["private", "bucket-owner-full-control"] {
        let put = s3.put("/data?acl", "").header("x-amz-acl", canned);
        put.send().await.ok();
    }
    let public = s3.put("/data?acl", "").header("x-amz-acl", "public-read");
    public
        .send()
        .await
        .fails(400, "AccessControlListNotSupported");
    let acl = s3.get("/data?acl").send().await.ok();
    assert_eq!(acl.text().matches("FULL_CONTROL").count(), 1);
}

#[tokio::test]
async fn what_cannot_be_honoured_is_refused() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "x").send().await.ok();
    for (path, body) in [
        ("/data?logging", "<BucketLoggingStatus/>"),
        ("/data?website", "<WebsiteConfiguration/>"),
        (
            "/data?accelerate",
            "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>",
        ),
        ("/data?replication", "<ReplicationConfiguration/>"),
        (
            "/data?lifecycle",
            "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix/></Filter><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition></Rule></LifecycleConfiguration>",
        ),
        (
            "/data?ownershipControls",
            "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>",
        ),
    ] {
        s3.put(path, body).send().await.fails(501, "NotImplemented");
    }
    for (name, value, status, code) in [
        (
            "x-amz-acl",
            "public-read",
            400,
            "AccessControlListNotSupported",
        ),
        ("x-amz-storage-class", "GLACIER", 501, "NotImplemented"),
        ("x-amz-storage-class", "MARBLE", 400, "InvalidStorageClass"),
        ("x-amz-object-lock-legal-hold", "ON", 400, "InvalidRequest"),
        (
            "x-amz-website-redirect-location",
            "/x",
            501,
            "NotImplemented",
        ),
        (
            "x-amz-server-side-encryption-customer-algorithm",
            "AES256",
            400,
            "InvalidArgument",
        ),
        ("x-amz-tagging", "a=1&a=2", 400, "InvalidTag"),
    ] {
        s3.put("/data/b", "x")
            .header(name, value)
            .send()
            .await
            .fails(status, code);
    }
    s3.put("/data?versioning", "<VersioningConfiguration/>")
        .send()
        .await
        .fails(400, "IllegalVersioningConfigurationException");
    s3.put("/data?lifecycle", "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter><Prefix/></Filter><Expiration><Days>0</Days></Expiration></Rule></LifecycleConfiguration>").send().await.fails(400, "InvalidArgument");
    for get in ["website", "replication", "object-lock"] {
        assert_eq!(
            s3.get(&format!("/data?{get}")).send().await.status,
            404,
            "{get}"
        );
    }
}
