//! Everybody else's names: carried through to the byte, or refused.

use crate::support::{Door, KEY, LONG, head, rest, status};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tradewind_frontdoor::listener::Patience;
use tradewind_frontdoor::proxy::OtherHosts;

/// A host elsewhere: it waits for the end of what is sent, and answers it backwards.
async fn backwards() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).await.unwrap();
                bytes.reverse();
                stream.write_all(&bytes).await.unwrap();
            });
        }
    });
    address
}

/// A web server elsewhere that says what it was asked.
async fn web() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let asked = head(&mut stream).await;
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close, x-hop\r\n\
                     X-Hop: 1\r\n\r\n{asked}",
                    asked.len()
                );
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
        }
    });
    address
}

#[tokio::test]
async fn a_tunnel_carries_every_byte_and_each_end() {
    let door = Door::open().await;
    let (code, mut stream) = door.connect(&backwards().await.to_string()).await;
    assert_eq!(code, 200);
    let sent: Vec<u8> = (0..300_000_u32).flat_map(u32::to_be_bytes).collect();
    stream.write_all(&sent).await.unwrap();
    // One way ends; the other must still bring the answer.
    stream.shutdown().await.unwrap();
    let mut received = rest(&mut stream).await;
    received.reverse();
    assert!(received == sent, "{} of {}", received.len(), sent.len());
}

#[tokio::test]
async fn refused_means_refused() {
    let door = Door::with(Some(OtherHosts::Refuse), Patience::default()).await;
    let elsewhere = web().await;
    let clouds = ["storage.googleapis.com:443", "management.azure.com:443"];
    let resource = "mine.c1.us-east-1.rds.amazonaws.com:5432";
    let other = elsewhere.to_string();
    for target in clouds.into_iter().chain([resource, other.as_str()]) {
        let (code, mut stream) = door.connect(target).await;
        assert_eq!(code, 403, "{target}");
        drop(stream.shutdown().await);
        let told = String::from_utf8(rest(&mut stream).await).unwrap();
        assert!(told.contains("`proxy.other_hosts` is `refuse`"), "{told}");
    }
    let asked = format!("GET http://{elsewhere}/ HTTP/1.1\r\nHost: {elsewhere}\r\n\r\n");
    let mut stream = door.ask(&asked).await;
    assert_eq!(status(&head(&mut stream).await), 403);
    let answer = door
        .client(true)
        .get("https://sts.amazonaws.com/")
        .send()
        .await;
    assert_eq!(answer.unwrap().status(), 200);
}

#[tokio::test]
async fn metadata_services_and_malformed_targets_are_not_reached() {
    let door = Door::open().await;
    for (target, code) in [
        ("169.254.169.254:80", 403),
        ("[::ffff:169.254.169.254]:80", 403),
        ("2852039166:80", 403),
        ("0xa9.254.0xa9fe:80", 403),
        ("0.0.0.0:80", 403),
        ("[fe80::1]:443", 403),
        ("127.0.0.1:1", 502),
        ("no-such-host.invalid:443", 502),
        ("me@127.0.0.1:443", 400),
        ("127.0.0.1:0", 400),
    ] {
        assert_eq!(door.connect(target).await.0, code, "{target}");
    }
    for (url, code) in [
        ("http://169.254.169.254/latest/meta-data/", 403),
        ("https://example.org/", 400),
        ("ftp://example.org/", 400),
    ] {
        let asked = format!("GET {url} HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n");
        let mut stream = door.ask(&asked).await;
        assert_eq!(status(&head(&mut stream).await), code, "{url}");
    }
}

#[tokio::test]
async fn plain_requests_are_asked_of_their_host() {
    let door = Door::open().await;
    let elsewhere = web().await;
    let asked = format!(
        "GET http://{elsewhere}/p?q=1 HTTP/1.1\r\nHost: forged.example\r\n\
         Proxy-Authorization: Basic c2VjcmV0\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n\
         Accept: */*\r\n\r\n"
    );
    let mut stream = door.ask(&asked).await;
    let answered = head(&mut stream).await;
    assert_eq!(status(&answered), 200);
    assert!(!answered.to_lowercase().contains("x-hop"), "{answered}");
    let asked = String::from_utf8(rest(&mut stream).await)
        .unwrap()
        .to_lowercase();
    assert!(asked.starts_with("get /p?q=1 http/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("host: {elsewhere}\r\n")), "{asked}");
    for gone in ["forged", "proxy-authorization", "x-mine", "connection"] {
        assert!(!asked.contains(gone), "{asked}");
    }
}

#[tokio::test]
async fn an_open_tunnel_does_not_hold_up_the_end() {
    let door = Door::open().await;
    let (code, mut tunnel) = door.connect(&backwards().await.to_string()).await;
    assert_eq!(code, 200);
    let host = "s3.amazonaws.com";
    let mut inside = door.tls(host, host).await.unwrap();
    door.halt.send(true).unwrap();
    tokio::time::timeout(LONG, door.served)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    rest(&mut tunnel).await;
    rest(&mut inside).await;
}

#[tokio::test]
async fn a_proxy_beyond_ours_is_asked_for_names_that_it_alone_knows() {
    // The outer door stands for a company's proxy; it answers for S3 where the inner one is told
    // to carry a name that nobody can look up.
    let outer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = outer.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = outer.accept().await {
            tokio::spawn(async move {
                let asked = head(&mut stream).await;
                let is_tunnel = asked.starts_with("CONNECT only-there.invalid:443 HTTP/1.1\r\n");
                let answer = if asked.starts_with("CONNECT ") && !is_tunnel {
                    "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
                        .to_owned()
                } else if is_tunnel {
                    format!("HTTP/1.1 200 OK\r\n\r\n{asked}")
                } else {
                    format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{asked}")
                };
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
        }
    });
    let upstream = format!("http://me:secret@{address}");
    let door = Door::behind(None, Patience::default(), Some(&upstream)).await;
    let (code, mut stream) = door.connect("only-there.invalid:443").await;
    assert_eq!(code, 200);
    let asked = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(
        asked.contains("proxy-authorization: Basic bWU6c2VjcmV0"),
        "{asked}"
    );
    assert_eq!(door.connect("refused-there.invalid:443").await.0, 502);
    let asked = "GET http://only-there.invalid/p HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut stream = door.ask(asked).await;
    assert_eq!(status(&head(&mut stream).await), 200);
    let asked = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(
        asked.contains("GET http://only-there.invalid/p HTTP/1.1"),
        "{asked}"
    );
    assert!(
        asked.contains("proxy-authorization: Basic bWU6c2VjcmV0"),
        "{asked}"
    );
    // Neither its address nor this machine's are asked of it.
    assert_eq!(door.connect("169.254.169.254:80").await.0, 403);
    assert_eq!(door.connect(&backwards().await.to_string()).await.0, 200);
}

#[tokio::test]
async fn a_caller_seen_from_elsewhere_is_no_guest_of_our_network() {
    let inside = backwards().await.to_string();
    let Some(door) = Door::open().await.seen_from_elsewhere() else {
        return;
    };
    let (code, mut stream) = door.connect(&inside).await;
    assert_eq!(code, 403);
    stream.shutdown().await.unwrap();
    let told = String::from_utf8(rest(&mut stream).await).unwrap();
    assert!(told.contains("programs of this machine only"), "{told}");
    // What is answered here is answered to everybody; who signs is for the router to ask.
    let answer = door
        .client(true)
        .get("https://sts.amazonaws.com/")
        .send()
        .await;
    assert_eq!(answer.unwrap().status(), 200);

    let door = Door::with(Some(OtherHosts::Tunnel), Patience::default()).await;
    let door = door.seen_from_elsewhere().unwrap();
    let key = |key: &str| {
        let encoded = BASE64_STANDARD.encode(format!("me:{key}"));
        format!("Proxy-Authorization: Basic {encoded}\r\n")
    };
    for (target, fields, code) in [
        ("example.org:443", String::new(), 407),
        ("example.org:443", key("bad"), 407),
        ("example.org:22", key(KEY), 403),
        ("127.0.0.1:443", key(KEY), 403),
        ("[::1]:80", key(KEY), 403),
        ("10.0.0.1:443", key(KEY), 403),
        ("localhost:80", key(KEY), 403),
        ("[64:ff9b::a00:1]:443", key(KEY), 403),
    ] {
        let (answered, _) = door.connect_with(target, &fields).await;
        assert_eq!(answered, code, "{target} {fields}");
    }
}
