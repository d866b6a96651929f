//! Multipart uploads.

use crate::setting::Setting;

async fn begin(s3: &Setting, key: &str, headers: &[(&str, &str)]) -> String {
    let mut call = s3.call("POST", &format!("/data/{key}?uploads"));
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.send().await.ok().element("UploadId").unwrap()
}

async fn part(s3: &Setting, key: &str, upload: &str, number: u32, bytes: Vec<u8>) -> String {
    let put = s3.put(
        &format!("/data/{key}?partNumber={number}&uploadId={upload}"),
        bytes,
    );
    let put = put.send().await.ok();
    put.header("etag").unwrap().to_owned()
}

fn listed(parts: &[(u32, &str)]) -> String {
    let parts = parts.iter().fold(String::new(), |text, (number, etag)| {
        text + &format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
    });
    format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>")
}

#[tokio::test]
async fn parts_become_an_object() {
    let s3 = Setting::with_bucket().await;
    let upload = begin(
        &s3,
        "big",
        &[("content-type", "text/plain"), ("x-amz-meta-a", "1")],
    )
    .await;
    let first = vec![1_u8; 5 << 20];
    let one = part(&s3, "big", &upload, 1, first.clone()).await;
    let two = part(&s3, "big", &upload, 7, vec![2_u8; 10]).await;
    let parts = s3
        .get(&format!("/data/big?uploadId={upload}"))
        .send()
        .await
        .ok();
    assert_eq!(parts.text().matches("<Part>").count(), 2);
    let page = s3
        .get(&format!("/data/big?uploadId={upload}&max-parts=1"))
        .send()
        .await
        .ok();
    assert_eq!(page.element("NextPartNumberMarker").as_deref(), Some("1"));
    let uploads = s3.get("/data?uploads").send().await.ok();
    assert_eq!(uploads.element("UploadId"), Some(upload.clone()));
    let complete = |body: String| {
        s3.call("POST", &format!("/data/big?uploadId={upload}"))
            .body(body)
    };
    complete(listed(&[(7, &two), (1, &one)]))
        .send()
        .await
        .fails(400, "InvalidPartOrder");
    complete(listed(&[(1, &one), (8, &two)]))
        .send()
        .await
        .fails(400, "InvalidPart");
    complete(listed(&[(1, "\"0\""), (7, &two)]))
        .send()
        .await
        .fails(400, "InvalidPart");
    complete(listed(&[]))
        .send()
        .await
        .fails(400, "MalformedXML");
    let done = complete(listed(&[(1, &one), (7, &two)])).send().await.ok();
    assert!(done.element("ETag").unwrap().contains("-2"));
    let got = s3.get("/data/big").send().await.ok();
    assert_eq!(got.body.len(), (5 << 20) + 10);
    assert_eq!(got.body[..5 << 20], first);
    assert_eq!(got.header("content-type"), Some("text/plain"));
    assert_eq!(got.header("x-amz-meta-a"), Some("1"));
    let last = s3.get("/data/big?partNumber=2").send().await;
    assert_eq!((last.status.as_u16(), last.body.len()), (206, 10));
    assert_eq!(last.header("x-amz-mp-parts-count"), Some("2"));
    let attributes = s3
        .get("/data/big?attributes")
        .header("x-amz-object-attributes", "ETag,ObjectParts,ObjectSize");
    let attributes = attributes.send().await.ok();
    assert_eq!(attributes.element("PartsCount").as_deref(), Some("2"));
    // Asked again, it is the same answer; with anything else the upload is over.
    complete(listed(&[(1, &one), (7, &two)])).send().await.ok();
    s3.put(&format!("/data/big?partNumber=1&uploadId={upload}"), "x")
        .send()
        .await
        .fails(404, "NoSuchUpload");
}

#[tokio::test]
async fn small_parts_and_lost_uploads() {
    let s3 = Setting::with_bucket().await;
    let upload = begin(&s3, "a", &[]).await;
    let one = part(&s3, "a", &upload, 1, vec![0; 10]).await;
    let two = part(&s3, "a", &upload, 2, vec![0; 10]).await;
    let complete = s3
        .call("POST", &format!("/data/a?uploadId={upload}"))
        .body(listed(&[(1, &one), (2, &two)]));
    complete.send().await.fails(400, "EntityTooSmall");
    // An upload belongs to its key.
    s3.put(&format!("/data/b?partNumber=1&uploadId={upload}"), "x")
        .send()
        .await
        .fails(404, "NoSuchUpload");
    s3.put(&format!("/data/a?partNumber=0&uploadId={upload}"), "x")
        .send()
        .await
        .fails(400, "InvalidArgument");
    s3.put(&format!("/data/a?partNumber=10001&uploadId={upload}"), "x")
        .send()
        .await
        .fails(400, "InvalidArgument");
    s3.call("DELETE", &format!("/data/a?uploadId={upload}"))
        .send()
        .await
        .ok();
    s3.call("DELETE", &format!("/data/a?uploadId={upload}"))
        .send()
        .await
        .fails(404, "NoSuchUpload");
    s3.get("/data/a").send().await.fails(404, "NoSuchKey");
    s3.put("/data/a?partNumber=1&uploadId=../../etc", "x")
        .send()
        .await
        .fails(404, "NoSuchUpload");
}

#[tokio::test]
async fn parts_from_other_objects() {
    let s3 = Setting::with_bucket().await;
    let bytes: Vec<u8> = (0..6 << 20).map(|i: u32| i.to_le_bytes()[1]).collect();
    s3.put("/data/source", bytes.clone()).send().await.ok();
    let upload = begin(&s3, "copy", &[]).await;
    let copy = |number: u32, range: &str| {
        let call = s3.put(
            &format!("/data/copy?partNumber={number}&uploadId={upload}"),
            "",
        );
        call.header("x-amz-copy-source", "data/source")
            .header("x-amz-copy-source-range", range)
    };
    copy(1, "bytes=0-")
        .send()
        .await
        .fails(400, "InvalidArgument");
    let one = copy(1, "bytes=0-5242879")
        .send()
        .await
        .ok()
        .element("ETag")
        .unwrap();
    let two = copy(2, "bytes=100-199")
        .send()
        .await
        .ok()
        .element("ETag")
        .unwrap();
    s3.call("POST", &format!("/data/copy?uploadId={upload}"))
        .body(listed(&[(1, &one), (2, &two)]))
        .send()
        .await
        .ok();
    let got = s3.get("/data/copy").send().await.ok();
    assert_eq!(got.body[..5 << 20], bytes[..5 << 20]);
    assert_eq!(got.body[5 << 20..], bytes[100..200]);
}

#[tokio::test]
async fn checksums_of_uploads() {
    let s3 = Setting::with_bucket().await;
    for (kind, ends) in [("COMPOSITE", true), ("FULL_OBJECT", false)] {
        let upload = begin(
            &s3,
            "sum",
            &[
                ("x-amz-checksum-algorithm", "CRC32"),
                ("x-amz-checksum-type", kind),
            ],
        )
        .await;
        let one = part(&s3, "sum", &upload, 1, vec![1; 100]).await;
        let complete = s3
            .call("POST", &format!("/data/sum?uploadId={upload}"))
            .body(listed(&[(1, &one)]));
        let done = complete.send().await.ok();
        let sum = done.element("ChecksumCRC32").unwrap();
        assert_eq!(sum.ends_with("-1"), ends, "{sum}");
        assert_eq!(done.element("ChecksumType").as_deref(), Some(kind));
    }
    let wrong = s3
        .call("POST", "/data/x?uploads")
        .header("x-amz-checksum-algorithm", "SHA256")
        .header("x-amz-checksum-type", "FULL_OBJECT");
    wrong.send().await.fails(400, "InvalidRequest");
}
