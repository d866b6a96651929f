//! Signatures: good ones in every form, forged, old, replayed and stretched ones.

use crate::setting::{Setting, signer};
use crate::signer::{encode, stamp};
use axum::body::Body;
use domain::Span;
use http::Request;

#[tokio::test]
async fn forged_signatures() {
    let s3 = Setting::with_bucket().await;
    let mut wrong = s3.owner.clone();
    wrong.secret = "guess".to_owned();
    s3.get("/data?list-type=2")
        .by(wrong)
        .send()
        .await
        .fails(403, "SignatureDoesNotMatch");
    let mut unknown = s3.owner.clone();
    unknown.key = "AKIANOBODY".to_owned();
    s3.get("/data")
        .by(unknown)
        .send()
        .await
        .fails(403, "InvalidAccessKeyId");
    s3.get("/")
        .anonymous()
        .send()
        .await
        .fails(403, "AccessDenied");
    s3.get("/data/a")
        .anonymous()
        .send()
        .await
        .fails(403, "AccessDenied");
}

#[tokio::test]
async fn a_signature_fits_only_its_own_request() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "x").send().await.ok();
    let (request, _) = s3.get("/data/a").signed();
    let (mut parts, body) = request.into_parts();
    parts.uri = format!("http://{}/data/b", s3.address).parse().unwrap();
    s3.raw(Request::from_parts(parts.clone(), body))
        .await
        .fails(403, "SignatureDoesNotMatch");
    parts.uri = format!("http://{}/data/a?versionId=null", s3.address)
        .parse()
        .unwrap();
    s3.raw(Request::from_parts(parts.clone(), Body::empty()))
        .await
        .fails(403, "SignatureDoesNotMatch");
    parts.uri = format!("http://{}/data/a", s3.address).parse().unwrap();
    parts.method = http::Method::DELETE;
    s3.raw(Request::from_parts(parts, Body::empty()))
        .await
        .fails(403, "SignatureDoesNotMatch");
    // Another body than the one whose hash was signed.
    let (request, _) = s3.put("/data/c", "signed").signed();
    let (parts, _) = request.into_parts();
    s3.raw(Request::from_parts(parts, Body::from("forged")))
        .await
        .fails(400, "XAmzContentSHA256Mismatch");
    s3.get("/data/c").send().await.fails(404, "NoSuchKey");
}

#[tokio::test]
async fn headers_cannot_be_added_to_a_signed_request() {
    let s3 = Setting::with_bucket().await;
    let (mut request, _) = s3.put("/data/a", "x").signed();
    request
        .headers_mut()
        .insert("x-amz-meta-added", "1".parse().unwrap());
    s3.raw(request).await.fails(403, "AccessDenied");
    let path = "/data/a";
    let url = s3
        .owner
        .presigned("PUT", &s3.address, path, vec![], &stamp(s3.now()), 60);
    let request = Request::put(format!("http://{}{path}?{url}", s3.address))
        .header("host", &s3.address)
        .header("x-amz-storage-class", "STANDARD_IA")
        .body(Body::from("x"))
        .unwrap();
    s3.raw(request).await.fails(403, "AccessDenied");
}

#[tokio::test]
async fn clocks() {
    let s3 = Setting::with_bucket().await;
    for skew in [Span::minutes(16), Span::minutes(-16)] {
        s3.get("/data")
            .later(skew)
            .send()
            .await
            .fails(403, "RequestTimeTooSkewed");
    }
    s3.get("/data").later(Span::minutes(-14)).send().await.ok();
}

#[tokio::test]
async fn presigned_urls() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a b", "hello").send().await.ok();
    let path = format!("/data/{}", encode("a b", true));
    let url = |signer: &crate::signer::Signer, method: &str, age: i64, seconds: u32| {
        let at = s3.now() + Span::seconds(-age);
        let query = signer.presigned(method, &s3.address, &path, vec![], &stamp(at), seconds);
        format!("http://{}{path}?{query}", s3.address)
    };
    let send = |method: &str, url: String| {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("host", &s3.address);
        s3.raw(request.body(Body::empty()).unwrap())
    };
    assert_eq!(
        send("GET", url(&s3.owner, "GET", 0, 60)).await.ok().text(),
        "hello"
    );
    // Replayed while it is good, it is good.
    let again = url(&s3.owner, "GET", 30, 60);
    send("GET", again.clone()).await.ok();
    send("GET", again).await.ok();
    send("GET", url(&s3.owner, "GET", 61, 60))
        .await
        .fails(403, "AccessDenied");
    send("GET", url(&s3.owner, "GET", -1_000, 60))
        .await
        .fails(403, "RequestTimeTooSkewed");
    send("DELETE", url(&s3.owner, "GET", 0, 60))
        .await
        .fails(403, "SignatureDoesNotMatch");
    let changed = url(&s3.owner, "GET", 0, 60).replace("X-Amz-Expires=60", "X-Amz-Expires=600");
    send("GET", changed)
        .await
        .fails(403, "SignatureDoesNotMatch");
    let mut session = signer("SESSION");
    send("GET", url(&session, "GET", 0, 60))
        .await
        .fails(400, "InvalidToken");
    session.token = Some("token-of-session".to_owned());
    send("GET", url(&session, "GET", 0, 60)).await.ok();
}

#[tokio::test]
async fn sessions() {
    let s3 = Setting::with_bucket().await;
    let mut session = signer("SESSION");
    s3.get("/data")
        .by(session.clone())
        .send()
        .await
        .fails(400, "InvalidToken");
    session.token = Some("another".to_owned());
    s3.get("/data")
        .by(session.clone())
        .send()
        .await
        .fails(400, "InvalidToken");
    session.token = Some("token-of-session".to_owned());
    s3.get("/data").by(session).send().await.ok();
    let mut lasting = s3.owner.clone();
    lasting.token = Some("token-of-session".to_owned());
    s3.get("/data")
        .by(lasting)
        .send()
        .await
        .fails(400, "InvalidToken");
}

#[tokio::test]
async fn old_requests_of_version_2_are_refused() {
    let s3 = Setting::with_bucket().await;
    s3.put("/data/a", "x").send().await.ok();
    let send = |date: String| {
        let text = format!("GET\n\n\n{date}\n/data/a");
        let key = ring::hmac::Key::new(
            ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            b"secret-of-OWNER",
        );
        let signature = {
            use base64::Engine as _;
            base64::prelude::BASE64_STANDARD.encode(ring::hmac::sign(&key, text.as_bytes()))
        };
        let request = Request::get(format!("http://{}/data/a", s3.address))
            .header("date", date)
            .header("authorization", format!("AWS OWNER:{signature}"));
        s3.raw(request.body(Body::empty()).unwrap())
    };
    let date = |age: i64| {
        let time = time::OffsetDateTime::from_unix_timestamp(s3.now().0 / 1_000 - age).unwrap();
        let mut text = vec![];
        s3s::dto::Timestamp::from(time)
            .format(s3s::dto::TimestampFormat::HttpDate, &mut text)
            .unwrap();
        String::from_utf8(text).unwrap()
    };
    send(date(0)).await.ok();
    send(date(3_600)).await.fails(403, "RequestTimeTooSkewed");
    send("nonsense".to_owned()).await.fails(403, "AccessDenied");
}
