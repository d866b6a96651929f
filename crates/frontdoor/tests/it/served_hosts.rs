//! The clouds' own names, answered here: TLS with either HTTP, streams, and nothing mixed up.

use crate::support::{Door, head, rest, status};
use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_client_that_trusts_the_authority_alone_is_answered_over_both_protocols() {
    let door = Door::open().await;
    for (http2, version) in [(false, "HTTP/1.1"), (true, "HTTP/2.0")] {
        let client = door.client(http2);
        for host in [
            "sts.us-east-1.amazonaws.com",
            "my.dotted.bucket.s3.eu-central-1.amazonaws.com",
        ] {
            let url = format!("https://{host}/a%2Fb/?x=1&y=%20");
            let told = client.get(url).send().await.unwrap().text().await.unwrap();
            assert_eq!(
                told,
                format!(
                    "GET /a%2Fb/?x=1&y=%20 host={host} dialled={host} {version} \
                     proxy-authorization=-"
                )
            );
        }
    }
}

#[tokio::test]
async fn the_router_learns_which_requests_came_inside_of_tls() {
    let door = Door::open().await;
    let is_encrypted = async |url: &str| {
        let answer = door.client(false).get(url).send().await.unwrap();
        answer.headers().contains_key("x-encrypted")
    };
    assert!(is_encrypted("https://sts.amazonaws.com/").await);
    assert!(!is_encrypted("http://sts.amazonaws.com/").await);
    let mut plain = door
        .ask("GET / HTTP/1.1\r\nHost: a\r\nx-encrypted: yes\r\n\r\n")
        .await;
    assert!(!head(&mut plain).await.contains("x-encrypted"));
    // Without TLS at the port of plain HTTP.
    let (code, mut inside) = door.connect("sts.amazonaws.com:80").await;
    assert_eq!(code, 200);
    let asked = b"GET / HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n";
    inside.write_all(asked).await.unwrap();
    let answer = head(&mut inside).await;
    assert!(
        status(&answer) == 200 && !answer.contains("x-encrypted"),
        "{answer}"
    );
}

#[tokio::test]
async fn bodies_stream_both_ways() {
    let door = Door::open().await;
    for http2 in [false, true] {
        let pieces = (0..256_u32).map(|number| {
            let piece = number.to_le_bytes().repeat(16 << 8);
            Ok::<_, std::io::Error>(Bytes::from(piece))
        });
        let sent: Vec<u8> = pieces.clone().flat_map(|piece| piece.unwrap()).collect();
        let body = reqwest::Body::wrap_stream(stream::iter(pieces));
        let request = door
            .client(http2)
            .put("https://b.s3.amazonaws.com/k")
            .body(body);
        let response = request.send().await.unwrap();
        let mut received = Vec::new();
        let mut stream = response.bytes_stream();
        while let Some(piece) = stream.next().await {
            received.extend_from_slice(&piece.unwrap());
        }
        assert!(received == sent, "{} of {}", received.len(), sent.len());
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_told_to_go_on() {
    let door = Door::open().await;
    let host = "b.s3.us-east-1.amazonaws.com";
    let mut stream = door.tls(host, host).await.unwrap();
    let asked = format!(
        "PUT /k HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    assert_eq!(status(&head(&mut stream).await), 100);
    stream.write_all(b"hello").await.unwrap();
    assert_eq!(status(&head(&mut stream).await), 200);
    assert_eq!(rest(&mut stream).await, b"hello");
}

#[tokio::test]
async fn another_name_inside_of_the_tunnel_is_turned_away() {
    let door = Door::open().await;
    let error = door
        .tls("s3.amazonaws.com", "sts.amazonaws.com")
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("AccessDenied"), "{error}");
    for target in ["/", "https://iam.amazonaws.com/"] {
        let mut stream = door
            .tls("s3.amazonaws.com", "s3.amazonaws.com")
            .await
            .unwrap();
        let field = if target == "/" {
            "iam.amazonaws.com"
        } else {
            "s3.amazonaws.com"
        };
        let asked = format!("GET {target} HTTP/1.1\r\nHost: {field}\r\n\r\n");
        stream.write_all(asked.as_bytes()).await.unwrap();
        assert_eq!(status(&head(&mut stream).await), 421, "{target}");
    }
    let mut stream = door
        .tls("s3.amazonaws.com", "s3.amazonaws.com")
        .await
        .unwrap();
    let asked = "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n";
    stream.write_all(asked.as_bytes()).await.unwrap();
    assert_eq!(status(&head(&mut stream).await), 405);
}

#[tokio::test]
async fn plain_proxy_requests_and_plain_tunnels_are_answered_too() {
    let door = Door::open().await;
    let told = door
        .client(false)
        .get("http://s3.amazonaws.com/bucket?list-type=2")
        .header("proxy-authorization", "Basic c2VjcmV0")
        .send()
        .await
        .unwrap();
    assert_eq!(
        told.text().await.unwrap(),
        "GET /bucket?list-type=2 host=s3.amazonaws.com dialled=s3.amazonaws.com HTTP/1.1 \
         proxy-authorization=-"
    );
    let (status_, mut stream) = door.connect("s3.amazonaws.com:80").await;
    assert_eq!(status_, 200);
    let asked = b"GET /k HTTP/1.1\r\nHost: s3.amazonaws.com\r\nConnection: close\r\n\r\n";
    stream.write_all(asked).await.unwrap();
    let answer = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(
        answer.ends_with("dialled=s3.amazonaws.com HTTP/1.1 proxy-authorization=-"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_header_does_not_make_a_dialled_host() {
    let door = Door::open().await;
    let asked = "GET /x HTTP/1.1\r\nHost: s3.amazonaws.com\r\nConnection: close\r\n\r\n";
    let answer = rest(&mut door.ask(asked).await).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(
        answer.contains("host=s3.amazonaws.com dialled=- "),
        "{answer}"
    );
    // The listener's own address in absolute form is the API itself.
    let own = door.address;
    let asked = format!("GET http://{own}/x HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n");
    let answer = String::from_utf8(rest(&mut door.ask(&asked).await).await).unwrap();
    assert!(
        answer.contains(&format!("GET /x host={own} dialled=- ")),
        "{answer}"
    );
}

#[tokio::test]
async fn an_upload_that_ends_half_way_is_no_request_and_harms_nobody() {
    let door = Door::open().await;
    let host = "s3.amazonaws.com";
    let mut stream = door.tls(host, host).await.unwrap();
    let asked = format!(
        "PUT /k HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).await.unwrap();
    assert_eq!(status(&head(&mut stream).await), 100);
    stream.write_all(b"half").await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(!answer.starts_with(b"HTTP/1.1 200"), "{answer:?}");
    let answer = door
        .client(true)
        .get("https://s3.amazonaws.com/")
        .send()
        .await;
    assert_eq!(answer.unwrap().status(), 200);
}
