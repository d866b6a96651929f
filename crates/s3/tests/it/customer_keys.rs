//! Server-side encryption with keys that callers bring.

use crate::setting::{Call, Setting};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest as _, Md5};

/// The three headers of a caller's own key.
fn brought(byte: u8) -> [(&'static str, String); 3] {
    let key = [byte; 32];
    [
        (ALGORITHM, "AES256".to_owned()),
        (KEY, BASE64_STANDARD.encode(key)),
        (KEY_MD5, BASE64_STANDARD.encode(Md5::digest(key))),
    ]
}

const ALGORITHM: &str = "x-amz-server-side-encryption-customer-algorithm";
const KEY: &str = "x-amz-server-side-encryption-customer-key";
const KEY_MD5: &str = "x-amz-server-side-encryption-customer-key-md5";

fn with<'a>(request: Call<'a>, headers: &[(&'static str, String)]) -> Call<'a> {
    headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    })
}

#[tokio::test]
async fn keys_that_callers_bring_are_not_kept_and_must_come_again() {
    let s3 = Setting::with_bucket().await;
    let (key, other) = (brought(1), brought(2));
    for (name, body) in [("short", vec![7_u8; 100]), ("long", vec![7_u8; 3_000_000])] {
        let at = format!("/data/{name}");
        let made = with(s3.put(&at, body.clone()), &key).send().await.ok();
        assert_eq!(made.header(KEY_MD5), Some(&*key[2].1));
        assert_eq!(made.header(ALGORITHM), Some("AES256"));
        assert_eq!(made.header("x-amz-server-side-encryption"), None);
        let got = with(s3.get(&at), &key).send().await.ok();
        assert_eq!(got.body, body);
        assert!(got.headers.contains_key(KEY_MD5));
        s3.get(&at).send().await.fails(400, "InvalidRequest");
        with(s3.get(&at), &other)
            .send()
            .await
            .fails(403, "AccessDenied");
        assert_eq!(s3.call("HEAD", &at).send().await.status, 400);
        assert_eq!(with(s3.call("HEAD", &at), &other).send().await.status, 403);
        with(s3.call("HEAD", &at), &key).send().await.ok();
    }
    s3.put("/data/open", "x").send().await.ok();
    with(s3.get("/data/open"), &key)
        .send()
        .await
        .fails(400, "InvalidRequest");
    let listed = s3.get("/data?list-type=2").send().await.ok().text();
    assert!(listed.contains("<Key>long</Key>"), "{listed}");
}

#[tokio::test]
async fn copies_of_what_a_key_was_brought_for() {
    let s3 = Setting::with_bucket().await;
    let (key, other) = (brought(1), brought(2));
    with(s3.put("/data/from", "secret"), &key).send().await.ok();
    let source = |headers: &[(&'static str, String); 3]| {
        headers.clone().map(|(name, value)| {
            let name = match name {
                ALGORITHM => "x-amz-copy-source-server-side-encryption-customer-algorithm",
                KEY => "x-amz-copy-source-server-side-encryption-customer-key",
                _ => "x-amz-copy-source-server-side-encryption-customer-key-md5",
            };
            (name, value)
        })
    };
    let copy = |to: &str| {
        s3.put(&format!("/data/{to}"), "")
            .header("x-amz-copy-source", "/data/from")
    };
    copy("to").send().await.fails(400, "InvalidRequest");
    with(copy("to"), &source(&other))
        .send()
        .await
        .fails(403, "AccessDenied");
    with(copy("plain"), &source(&key)).send().await.ok();
    assert_eq!(s3.get("/data/plain").send().await.ok().text(), "secret");
    with(with(copy("again"), &source(&key)), &other)
        .send()
        .await
        .ok();
    let got = with(s3.get("/data/again"), &other).send().await.ok();
    assert_eq!(got.text(), "secret");
    with(s3.get("/data/again"), &key)
        .send()
        .await
        .fails(403, "AccessDenied");
}

#[tokio::test]
async fn uploads_in_parts_with_a_key_that_is_brought() {
    let s3 = Setting::with_bucket().await;
    let (key, other) = (brought(1), brought(2));
    let begun = with(s3.call("POST", "/data/parts?uploads"), &key);
    let begun = begun.send().await.ok();
    assert_eq!(begun.header(KEY_MD5), Some(&*key[2].1));
    let text = begun.text();
    let id = text.split("<UploadId>").nth(1).unwrap();
    let id = id.split('<').next().unwrap();
    let part = |number: u32, body: Vec<u8>| {
        s3.put(
            &format!("/data/parts?partNumber={number}&uploadId={id}"),
            body,
        )
    };
    let long = vec![3_u8; 5 << 20];
    part(1, long.clone())
        .send()
        .await
        .fails(400, "InvalidRequest");
    with(part(1, long.clone()), &other)
        .send()
        .await
        .fails(400, "InvalidRequest");
    let mut listed = String::new();
    for (number, body) in [(1, long.clone()), (2, vec![4_u8; 10])] {
        let made = with(part(number, body), &key).send().await.ok();
        let tag = made.header("etag").unwrap();
        listed += &format!("<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>");
    }
    // The key need not be brought for this.
    let body = format!("<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>");
    s3.call("POST", &format!("/data/parts?uploadId={id}"))
        .body(body)
        .send()
        .await
        .ok();
    s3.get("/data/parts")
        .send()
        .await
        .fails(400, "InvalidRequest");
    let got = with(s3.get("/data/parts"), &key).send().await.ok();
    assert_eq!(got.body.len(), long.len() + 10);
    assert!(got.body.ends_with(&[4; 10]) && got.body.starts_with(&[3; 10]));
}

#[tokio::test]
async fn keys_that_are_none() {
    let s3 = Setting::with_bucket().await;
    let good = brought(1);
    let changed = |place: usize, value: &str| {
        let mut headers = good.clone();
        headers[place].1 = value.to_owned();
        headers
    };
    let put = || s3.put("/data/x", "x");
    for (headers, code) in [
        (changed(0, "ROT13"), "InvalidEncryptionAlgorithmError"),
        (changed(1, "c2hvcnQ="), "InvalidArgument"),
        (changed(1, "no base64"), "InvalidArgument"),
        (changed(2, "AAAAAAAAAAAAAAAAAAAAAA=="), "InvalidArgument"),
    ] {
        with(put(), &headers).send().await.fails(400, code);
    }
    with(put(), &good[..1])
        .send()
        .await
        .fails(400, "InvalidArgument");
    with(put(), &good[1..])
        .send()
        .await
        .fails(400, "InvalidArgument");
    with(put(), &good)
        .header("x-amz-server-side-encryption", "AES256")
        .send()
        .await
        .fails(400, "InvalidArgument");
}
