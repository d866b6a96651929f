//! Bodies: checksums in headers and trailers, signed chunks, and what goes wrong with them.

use crate::setting::Setting;
use crate::signer::stamp;
use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::Request;
use md5::Digest as _;

fn crc32(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(crc32fast::hash(bytes).to_be_bytes())
}

#[tokio::test]
async fn checksums_in_headers() {
    let s3 = Setting::with_bucket().await;
    let body = "hello";
    let sum = crc32(body.as_bytes());
    let put = s3
        .put("/data/a", body)
        .header("x-amz-checksum-crc32", &sum)
        .send()
        .await
        .ok();
    assert_eq!(put.header("x-amz-checksum-crc32"), Some(&*sum));
    assert_eq!(put.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    let plain = s3.get("/data/a").send().await.ok();
    assert_eq!(plain.header("x-amz-checksum-crc32"), None);
    let asked = s3
        .get("/data/a")
        .header("x-amz-checksum-mode", "ENABLED")
        .send()
        .await
        .ok();
    assert_eq!(asked.header("x-amz-checksum-crc32"), Some(&*sum));
    let part = s3
        .get("/data/a")
        .header("x-amz-checksum-mode", "ENABLED")
        .header("range", "bytes=0-1");
    assert_eq!(part.send().await.ok().header("x-amz-checksum-crc32"), None);
    let wrong = |name: &str, value: &str| s3.put("/data/b", body).header(name, value);
    wrong("x-amz-checksum-crc32", &crc32(b"other"))
        .send()
        .await
        .fails(400, "BadDigest");
    wrong("x-amz-checksum-crc32", "short")
        .send()
        .await
        .fails(400, "InvalidRequest");
    let md5 = BASE64_STANDARD.encode(md5::Md5::digest(b"other"));
    wrong("content-md5", &md5)
        .send()
        .await
        .fails(400, "BadDigest");
    wrong("content-md5", "nonsense")
        .send()
        .await
        .fails(400, "InvalidDigest");
    let two = wrong("x-amz-checksum-crc32", &sum).header("x-amz-checksum-sha1", "x");
    two.send().await.fails(400, "InvalidRequest");
    s3.get("/data/b").send().await.fails(404, "NoSuchKey");
    let unsaid = s3
        .put("/data/c", body)
        .header("x-amz-sdk-checksum-algorithm", "CRC32");
    unsaid.send().await.fails(400, "InvalidRequest");
}

/// The check values of the CRC catalogue and the RFCs for `123456789`.
#[tokio::test]
async fn every_algorithm() {
    let s3 = Setting::with_bucket().await;
    for (name, hex) in [
        ("crc32", "cbf43926"),
        ("crc32c", "e3069283"),
        ("crc64nvme", "ae8b14860a799888"),
        ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        (
            "sha256",
            "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
        ),
    ] {
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
        let value = BASE64_STANDARD.encode(&bytes);
        let header = format!("x-amz-checksum-{name}");
        let put = s3.put("/data/a", "123456789").header(&header, &value);
        assert_eq!(put.send().await.ok().header(&header), Some(&*value));
        let other = s3.put("/data/a", "12345678").header(&header, &value);
        other.send().await.fails(400, "BadDigest");
    }
}

/// An upload in unsigned chunks with a checksum behind it.
async fn trailing(
    s3: &Setting,
    body: &[u8],
    trailer: &str,
    decoded: usize,
) -> crate::setting::Answer {
    let mut framed = format!("{:x}\r\n", body.len()).into_bytes();
    framed.extend_from_slice(body);
    framed.extend_from_slice(format!("\r\n0\r\n{trailer}\r\n").as_bytes());
    s3.put("/data/t", framed)
        .header("content-encoding", "aws-chunked")
        .header("x-amz-decoded-content-length", &decoded.to_string())
        .header("x-amz-trailer", "x-amz-checksum-crc32")
        .payload("STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        .send()
        .await
}

#[tokio::test]
async fn checksums_behind_the_body() {
    let s3 = Setting::with_bucket().await;
    let good = format!("x-amz-checksum-crc32:{}\r\n", crc32(b"hello"));
    let put = trailing(&s3, b"hello", &good, 5).await.ok();
    assert_eq!(put.header("x-amz-checksum-crc32"), Some(&*crc32(b"hello")));
    let got = s3.get("/data/t").send().await.ok();
    assert_eq!(got.text(), "hello");
    assert_eq!(got.header("content-encoding"), None);
    let wrong = format!("x-amz-checksum-crc32:{}\r\n", crc32(b"other"));
    trailing(&s3, b"HELLO", &wrong, 5)
        .await
        .fails(400, "BadDigest");
    trailing(&s3, b"HELLO", "x-amz-checksum-sha1:abc\r\n", 5)
        .await
        .fails(400, "MalformedTrailerError");
    let longer = trailing(&s3, b"HELLO", &good, 4).await;
    assert_eq!(longer.status, 400, "{}", longer.text());
    let shorter = trailing(&s3, b"HELLO", &good, 6).await;
    assert_eq!(shorter.status, 400, "{}", shorter.text());
    assert_eq!(s3.get("/data/t").send().await.ok().text(), "hello");
}

/// An upload in signed chunks.
async fn chunked(s3: &Setting, chunks: &[&[u8]], forge: bool) -> crate::setting::Answer {
    let length: usize = chunks.iter().map(|chunk| chunk.len()).sum();
    let call = s3
        .put("/data/s", "")
        .header("content-encoding", "aws-chunked")
        .header("x-amz-decoded-content-length", &length.to_string())
        .payload("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    let stamp = stamp(call.at);
    let (request, seed) = call.signed();
    let mut before = seed;
    let mut body = vec![];
    for chunk in chunks.iter().copied().chain([&b""[..]]) {
        let signature = s3
            .owner
            .chunk(&stamp, "AWS4-HMAC-SHA256-PAYLOAD", &before, chunk);
        body.extend_from_slice(
            format!("{:x};chunk-signature={signature}\r\n", chunk.len()).as_bytes(),
        );
        body.extend_from_slice(chunk);
        body.extend_from_slice(b"\r\n");
        before = signature;
    }
    if forge {
        let at = body
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or(90)
            - 1;
        let at = body
            .iter()
            .position(|b| *b == b'\n')
            .map_or(at, |end| end + 1);
        body[at] ^= 1;
    }
    let (parts, _) = request.into_parts();
    s3.raw(Request::from_parts(parts, Body::from(body))).await
}

#[tokio::test]
async fn signed_chunks() {
    let s3 = Setting::with_bucket().await;
    let first = vec![7_u8; 70_000];
    chunked(&s3, &[&first, b"end"], false).await.ok();
    let got = s3.get("/data/s").send().await.ok();
    assert_eq!(got.body.len(), 70_003);
    chunked(&s3, &[b"other"], true)
        .await
        .fails(403, "SignatureDoesNotMatch");
    assert_eq!(s3.get("/data/s").send().await.ok().body.len(), 70_003);
}

#[tokio::test]
async fn large_bodies_stream() {
    let s3 = Setting::with_bucket().await;
    let chunk = Bytes::from(vec![3_u8; 1 << 20]);
    let (request, _) = s3
        .put("/data/large", "")
        .header("content-length", &(48_u64 << 20).to_string())
        .payload("UNSIGNED-PAYLOAD")
        .signed();
    let (parts, _) = request.into_parts();
    let stream =
        futures::stream::iter((0..48).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
    s3.raw(Request::from_parts(parts, Body::from_stream(stream)))
        .await
        .ok();
    let got = s3.get("/data/large").send().await.ok();
    assert_eq!(got.body.len(), 48 << 20);
    assert!(got.body.iter().all(|byte| *byte == 3));
}
