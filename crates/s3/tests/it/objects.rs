//! Objects as they are written, read, listed, copied and deleted.

use crate::setting::Setting;

#[tokio::test]
async fn an_object_comes_back_with_what_was_said_of_it() {
    let s3 = Setting::with_bucket().await;
    let put = s3
        .put("/data/a", "hello")
        .header("content-type", "text/plain")
        .header("cache-control", "no-store")
        .header("expires", "Thu, 01 Dec 2044 16:00:00 GMT")
        .header("x-amz-meta-Colour", "green")
        .header("x-amz-tagging", "a=1&b=%C3%A4")
        .header("x-amz-storage-class", "STANDARD_IA")
        .send()
        .await
        .ok();
    assert_eq!(
        put.header("etag"),
        Some("\"5d41402abc4b2a76b9719d911017c592\"")
    );
    let got = s3.get("/data/a").send().await.ok();
    assert_eq!(&got.body[..], b"hello");
    for (name, value) in [
        ("content-type", "text/plain"),
        ("cache-control", "no-store"),
        ("expires", "Thu, 01 Dec 2044 16:00:00 GMT"),
        ("x-amz-meta-colour", "green"),
        ("x-amz-tagging-count", "2"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("accept-ranges", "bytes"),
        ("content-length", "5"),
    ] {
        assert_eq!(got.header(name), Some(value), "{name}");
    }
    assert!(got.header("x-amz-version-id").is_none());
    let head = s3.call("HEAD", "/data/a").send().await.ok();
    assert_eq!(head.header("content-length"), Some("5"));
    assert!(head.body.is_empty());
    let got = s3
        .get("/data/a?response-content-type=image/png&response-content-disposition=attachment")
        .send()
        .await
        .ok();
    assert_eq!(got.header("content-type"), Some("image/png"));
    assert_eq!(got.header("content-disposition"), Some("attachment"));
}

#[tokio::test]
async fn what_is_not_there_is_said_as_s3_says_it() {
    let s3 = Setting::with_bucket().await;
    s3.get("/data/none").send().await.fails(404, "NoSuchKey");
    s3.get("/none/a").send().await.fails(404, "NoSuchBucket");
    s3.put("/none/a", "x")
        .send()
        .await
        .fails(404, "NoSuchBucket");
    s3.get("/data/none?versionId=abc")
        .send()
        .await
        .fails(404, "NoSuchVersion");
    let head = s3.call("HEAD", "/data/none").send().await;
    assert_eq!((head.status.as_u16(), head.body.len()), (404, 0));
    assert_eq!(s3.call("DELETE", "/data/none").send().await.status, 204);
}

#[tokio::test]
async fn ranges() {
    let s3 = Setting::with_bucket().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    s3.put("/data/a", bytes.clone()).send().await.ok();
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=100-2000000", 100, 2_000_001),
        ("bytes=2999999-", 2_999_999, 3_000_000),
        ("bytes=-5", 2_999_995, 3_000_000),
        ("bytes=5-99999999", 5, 3_000_000),
    ] {
        let got = s3.get("/data/a").header("range", range).send().await;
        assert_eq!(got.status, 206, "{range}");
        assert_eq!(got.body, bytes[from..to], "{range}");
        let said = format!("bytes {from}-{}/3000000", to - 1);
        assert_eq!(got.header("content-range"), Some(&*said));
        let head = s3
            .call("HEAD", "/data/a")
            .header("range", range)
            .send()
            .await;
        assert_eq!(head.status, 206);
        assert_eq!(head.header("content-range"), Some(&*said));
    }
    let beyond = s3
        .get("/data/a")
        .header("range", "bytes=3000000-")
        .send()
        .await;
    let beyond = beyond.fails(416, "InvalidRange");
    assert_eq!(beyond.header("content-range"), Some("bytes */3000000"));
    let part = s3.get("/data/a?partNumber=1").send().await;
    assert_eq!((part.status.as_u16(), part.body.len()), (206, 3_000_000));
    s3.get("/data/a?partNumber=2")
        .send()
        .await
        .fails(416, "InvalidRange");
}

#[tokio::test]
async fn conditions() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "one")
        .header("if-none-match", "*")
        .send()
        .await
        .ok();
    let again = s3
        .put("/data/a", "two")
        .header("if-none-match", "*")
        .send()
        .await;
    again.fails(412, "PreconditionFailed");
    let etag = s3
        .get("/data/a")
        .send()
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    let same = s3
        .get("/data/a")
        .header("if-none-match", &etag)
        .send()
        .await;
    assert_eq!((same.status.as_u16(), same.body.len()), (304, 0));
    assert_eq!(same.header("etag"), Some(&*etag));
    s3.get("/data/a")
        .header("if-match", &etag)
        .send()
        .await
        .ok();
    let other = s3.get("/data/a").header("if-match", "\"0\"").send().await;
    other.fails(412, "PreconditionFailed");
    let head = s3
        .call("HEAD", "/data/a")
        .header("if-match", "\"0\"")
        .send()
        .await;
    assert_eq!(head.status, 412);
    let past = "Sun, 06 Nov 1994 08:49:37 GMT";
    let changed = s3
        .get("/data/a")
        .header("if-unmodified-since", past)
        .send()
        .await;
    changed.fails(412, "PreconditionFailed");
    s3.get("/data/a")
        .header("if-modified-since", past)
        .send()
        .await
        .ok();
    let put = s3
        .put("/data/a", "two")
        .header("if-match", "\"0\"")
        .send()
        .await;
    put.fails(412, "PreconditionFailed");
    s3.put("/data/a", "two")
        .header("if-match", &etag)
        .send()
        .await
        .ok();
    let copy = |name: &str, value: &str| {
        let call = s3.put("/data/b", "").header("x-amz-copy-source", "/data/a");
        call.header(name, value)
    };
    copy("x-amz-copy-source-if-match", &etag)
        .send()
        .await
        .fails(412, "PreconditionFailed");
    let now = s3
        .get("/data/a")
        .send()
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    copy("x-amz-copy-source-if-none-match", &now)
        .send()
        .await
        .fails(412, "PreconditionFailed");
    copy("x-amz-copy-source-if-match", &now).send().await.ok();
}

#[tokio::test]
async fn copies() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/ä b+c", "hello")
        .header("content-type", "text/plain")
        .header("x-amz-meta-a", "1")
        .header("x-amz-tagging", "t=1")
        .header("x-amz-storage-class", "STANDARD_IA")
        .send()
        .await
        .ok();
    let source = "/data/%C3%A4%20b%2Bc";
    let copy = |to: &str| s3.put(to, "").header("x-amz-copy-source", source);
    let made = copy("/data/b").send().await.ok();
    let root = "<CopyObjectResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    assert!(made.text().contains(root), "{}", made.text());
    assert_eq!(
        made.element("ETag").as_deref(),
        Some("\"5d41402abc4b2a76b9719d911017c592\"")
    );
    let got = s3.get("/data/b").send().await.ok();
    assert_eq!(&got.body[..], b"hello");
    assert_eq!(got.header("x-amz-meta-a"), Some("1"));
    assert_eq!(got.header("x-amz-tagging-count"), Some("1"));
    assert_eq!(got.header("x-amz-storage-class"), None);
    copy("/data/c")
        .header("x-amz-metadata-directive", "REPLACE")
        .header("x-amz-tagging-directive", "REPLACE")
        .header("x-amz-meta-b", "2")
        .header("content-type", "image/png")
        .send()
        .await
        .ok();
    let got = s3.get("/data/c").send().await.ok();
    assert_eq!(got.header("x-amz-meta-a"), None);
    assert_eq!(got.header("x-amz-meta-b"), Some("2"));
    assert_eq!(got.header("content-type"), Some("image/png"));
    assert_eq!(got.header("x-amz-tagging-count"), None);
    let itself = copy("/data/ä b+c").send().await;
    itself.fails(400, "InvalidRequest");
    let missing = s3
        .put("/data/d", "")
        .header("x-amz-copy-source", "/data/none");
    missing.send().await.fails(404, "NoSuchKey");
}

#[tokio::test]
async fn listings() {
    let s3 = Setting::with_bucket().await;
    for key in ["a", "b/1", "b/2", "c", "d/x/1"] {
        s3.put(&format!("/data/{key}"), "x").send().await.ok();
    }
    let all = s3.get("/data?list-type=2").send().await.ok();
    assert_eq!(all.element("KeyCount").as_deref(), Some("5"));
    let folded = s3.get("/data?list-type=2&delimiter=/").send().await.ok();
    assert_eq!(folded.text().matches("<CommonPrefixes>").count(), 2);
    assert_eq!(folded.text().matches("<Contents>").count(), 2);
    let mut keys = vec![];
    let mut token = String::new();
    loop {
        let more = if token.is_empty() {
            String::new()
        } else {
            format!("&continuation-token={token}")
        };
        let page = s3
            .get(&format!("/data?list-type=2&max-keys=2{more}"))
            .send()
            .await
            .ok();
        keys.extend(
            page.text()
                .split("<Key>")
                .skip(1)
                .map(|rest| rest.split('<').next().unwrap().to_owned()),
        );
        match page.element("NextContinuationToken") {
            Some(next) => token = next,
            None => break,
        }
    }
    assert_eq!(keys, ["a", "b/1", "b/2", "c", "d/x/1"]);
    let first = s3
        .get("/data?max-keys=1&delimiter=/&prefix=b/")
        .send()
        .await
        .ok();
    assert_eq!(first.element("NextMarker").as_deref(), Some("b/1"));
    let after = s3
        .get("/data?list-type=2&start-after=b/2")
        .send()
        .await
        .ok();
    assert_eq!(after.element("KeyCount").as_deref(), Some("2"));
    let none = s3.get("/data?list-type=2&max-keys=0").send().await.ok();
    assert_eq!(none.element("KeyCount").as_deref(), Some("0"));
    assert_eq!(none.element("IsTruncated").as_deref(), Some("false"));
    s3.get("/data?list-type=2&max-keys=-1")
        .send()
        .await
        .fails(400, "InvalidArgument");
    s3.get("/data?list-type=2&continuation-token=!")
        .send()
        .await
        .fails(400, "InvalidArgument");
    s3.get("/data?list-type=2&encoding-type=base64")
        .send()
        .await
        .fails(400, "InvalidArgument");
}

#[tokio::test]
async fn many_are_deleted_at_once() {
    let s3 = Setting::with_bucket().await;
    for key in ["a", "b"] {
        s3.put(&format!("/data/{key}"), "x").send().await.ok();
    }
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object><Object><Key>c</Key></Object></Delete>";
    let digest = {
        use base64::Engine as _;
        use md5::Digest as _;
        base64::prelude::BASE64_STANDARD.encode(md5::Md5::digest(body))
    };
    let call = |md5: &str| {
        let call = s3.call("POST", "/data?delete").body(body);
        if md5.is_empty() {
            call
        } else {
            call.header("content-md5", md5)
        }
    };
    call("").send().await.fails(400, "InvalidRequest");
    call("AAAAAAAAAAAAAAAAAAAAAA==")
        .send()
        .await
        .fails(400, "BadDigest");
    call("nonsense").send().await.fails(400, "InvalidDigest");
    assert_eq!(
        s3.store
            .list_objects(&s3.workspace, "data", &Default::default())
            .await
            .unwrap()
            .objects
            .len(),
        2
    );
    let done = call(&digest).send().await.ok();
    assert_eq!(done.text().matches("<Deleted>").count(), 3);
    s3.call("DELETE", "/data").send().await.ok();
}
