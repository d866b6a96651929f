//! Clients that take their time: none is waited for without end.

use crate::support::{Door, rest};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tradewind_frontdoor::listener::Patience;

async fn impatient() -> Door {
    let patience = Patience {
        greeting: Duration::from_millis(300),
        head: Duration::from_millis(300),
        ..Patience::default()
    };
    Door::with(None, patience).await
}

#[tokio::test]
async fn a_connection_that_begins_and_stops_is_closed() {
    let door = impatient().await;
    let beginnings = [
        "",
        "G",
        "PRI * HTTP/2.0\r",
        "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX-Long: ",
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ];
    for beginning in beginnings {
        // It ends only because the server closes; else the reading itself fails in the end.
        rest(&mut door.ask(beginning).await).await;
    }
}

#[tokio::test]
async fn a_field_after_the_other_does_not_buy_time() {
    let door = impatient().await;
    let mut stream = door.ask("GET / HTTP/1.1\r\n").await;
    let (mut reader, mut writer) = stream.split();
    let dripping = async {
        let mut number = 0;
        loop {
            let field = format!("X-{number}: 1\r\n");
            if writer.write_all(field.as_bytes()).await.is_err() {
                break;
            }
            number += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        _ = rest(&mut reader) => {}
        () = dripping => {}
    }
}

#[tokio::test]
async fn a_handshake_that_stops_is_given_up() {
    let door = impatient().await;
    for beginning in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01\x00"] {
        let (code, mut stream) = door.connect("s3.amazonaws.com:443").await;
        assert_eq!(code, 200);
        stream.write_all(beginning).await.unwrap();
        rest(&mut stream).await;
    }
    // After the handshake the request has to come too.
    let host = "s3.amazonaws.com";
    rest(&mut door.tls(host, host).await.unwrap()).await;
}

#[tokio::test]
async fn what_is_no_tls_ends_the_tunnel() {
    let door = Door::open().await;
    let (code, mut stream) = door.connect("s3.amazonaws.com:443").await;
    assert_eq!(code, 200);
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: s3.amazonaws.com\r\n\r\n")
        .await
        .unwrap();
    let told = rest(&mut stream).await;
    assert!(!told.starts_with(b"HTTP"), "{told:?}");
}
