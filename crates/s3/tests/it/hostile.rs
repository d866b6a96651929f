//! What an attacker sends: the service refuses, keeps nothing, and goes on.

use crate::setting::Setting;
use axum::body::Body;
use http::Request;
use std::fmt::Write as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn xml_that_explodes() {
    let s3 = Setting::with_bucket().await;
    let mut entities = String::from("<!ENTITY a0 \"aaaaaaaaaa\">");
    for i in 1..20 {
        write!(
            entities,
            "<!ENTITY a{i} \"{}\">",
            format!("&a{};", i - 1).repeat(10)
        )
        .unwrap();
    }
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE Tagging [{entities}]><Tagging><TagSet><Tag><Key>&a19;</Key><Value>v</Value></Tag></TagSet></Tagging>"
    );
    s3.put("/data?tagging", bomb)
        .send()
        .await
        .fails(400, "MalformedXML");
    let outside = "<?xml version=\"1.0\"?><!DOCTYPE t [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Tagging><TagSet><Tag><Key>k</Key><Value>&x;</Value></Tag></TagSet></Tagging>";
    s3.put("/data?tagging", outside)
        .send()
        .await
        .fails(400, "MalformedXML");
    s3.get("/data?tagging")
        .send()
        .await
        .fails(404, "NoSuchTagSet");
    let deep = format!(
        "{}{}",
        "<Tagging>".repeat(100_000),
        "</Tagging>".repeat(100_000)
    );
    s3.put("/data?tagging", deep)
        .send()
        .await
        .fails(400, "MalformedXML");
    for bad in ["", "<", "<Tagging", "<Other/>", "not xml", "\u{0}"] {
        let answer = s3.put("/data?tagging", bad).send().await;
        assert_eq!(answer.status, 400, "{bad:?} {}", answer.text());
    }
}

#[tokio::test]
async fn documents_that_are_too_long() {
    let s3 = Setting::with_bucket().await;
    let long = vec![b' '; 9 << 20];
    s3.put("/data?tagging", long)
        .send()
        .await
        .fails(400, "MaxMessageLengthExceeded");
    let policy = format!("{{\"Statement\":[],\"Id\":\"{}\"}}", "x".repeat(21 * 1024));
    s3.put("/data?policy", policy)
        .send()
        .await
        .fails(400, "MalformedPolicy");
    let meta = "x".repeat(2_100);
    let call = s3.put("/data/a", "x").header("x-amz-meta-a", &meta);
    call.send().await.fails(400, "MetadataTooLarge");
    let call = s3
        .put("/data/a", "x")
        .header("content-length", "6000000000000");
    let (request, _) = call.payload("UNSIGNED-PAYLOAD").signed();
    let (parts, _) = request.into_parts();
    let head = format!(
        "PUT /data/a HTTP/1.1\r\n{}\r\n",
        parts
            .headers
            .iter()
            .fold(String::new(), |mut text, (name, value)| {
                write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
                text
            })
    );
    let answer = exchange(&s3, head.as_bytes(), false).await;
    assert!(answer.contains("EntityTooLarge"), "{answer}");
}

/// Sends bytes and reads the answer; a half-closed connection says that no more comes.
async fn exchange(s3: &Setting, bytes: &[u8], half_close: bool) -> String {
    let mut stream = TcpStream::connect(&s3.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    if half_close {
        stream.shutdown().await.unwrap();
    }
    let mut answer = Vec::new();
    let mut piece = [0_u8; 4_096];
    while let Ok(read) = stream.read(&mut piece).await {
        answer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&answer);
        if read == 0 || text.contains("</Error>") {
            break;
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn uploads_that_end_early_leave_nothing() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "before").send().await.ok();
    let call = s3.put("/data/a", "").header("content-length", "1000");
    let (request, _) = call.payload("UNSIGNED-PAYLOAD").signed();
    let (parts, _) = request.into_parts();
    let mut head = String::from("PUT /data/a HTTP/1.1\r\n");
    for (name, value) in &parts.headers {
        write!(head, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
    }
    head.push_str("\r\nonly this");
    let answer = exchange(&s3, head.as_bytes(), true).await;
    assert!(
        answer.is_empty() || answer.contains("IncompleteBody"),
        "{answer}"
    );
    assert_eq!(s3.get("/data/a").send().await.ok().text(), "before");
}

#[tokio::test]
async fn requests_that_make_no_sense() {
    let s3 = Setting::with_bucket().await;
    for (name, value) in [
        ("authorization", "AWS4-HMAC-SHA256 nonsense"),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=a/b/c,SignedHeaders=,Signature=",
        ),
        ("authorization", "AWS x"),
        ("authorization", "Bearer x"),
        ("x-amz-content-sha256", "zz"),
        ("x-amz-date", "yesterday"),
        ("range", "bytes=0-99999999999999999999999999"),
        ("content-type", "multipart/form-data"),
    ] {
        for method in ["GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"] {
            let request = Request::builder()
                .method(method)
                .uri(format!("http://{}/data/a", s3.address))
                .header(name, value)
                .body(Body::from("x"))
                .unwrap();
            let answer = s3.raw(request).await;
            assert!(
                answer.status.is_client_error() || answer.status == 501,
                "{method} {name} {value}: {answer:?}"
            );
        }
    }
    for query in [
        "?X-Amz-Signature=x",
        "?Signature=x",
        "?X-Amz-Algorithm=%FF",
        "?%",
        "?&&=&=",
        "?uploads&uploadId",
    ] {
        let request = Request::get(format!("http://{}/data/a{query}", s3.address));
        let answer = s3.raw(request.body(Body::empty()).unwrap()).await;
        assert!(answer.status.is_client_error(), "{query}: {answer:?}");
    }
    s3.get("/data").send().await.ok();
}
