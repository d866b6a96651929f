//! Whatever stands in a request's target or comes through a tunnel.

use crate::support::{Door, head, rest, status};
use axum::http::uri::Authority;
use proptest::prelude::*;
use tokio::io::AsyncWriteExt as _;
use tradewind_frontdoor::names::{DOMAINS, Host, classify, normalized};
use tradewind_frontdoor::proxy::Target;

fn hosts() -> impl Strategy<Value = String> {
    let labels = "[a-zA-Z0-9_.-]{0,20}";
    let domain = proptest::sample::select(DOMAINS.iter().map(|d| d.name).collect::<Vec<_>>());
    let below = (labels, "[.]{0,2}", domain, "[.:a-z0-9@%-]{0,6}")
        .prop_map(|(labels, dots, domain, rest)| format!("{labels}{dots}{domain}{rest}"));
    prop_oneof![
        below,
        "[\\PC]{0,40}",
        "\\[[0-9a-f:.%]{0,20}\\](:[0-9]{0,6})?"
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_target_is_read_as_it_is_shown(text in hosts(), default in proptest::option::of(1..=u16::MAX)) {
        let Ok(authority) = text.parse::<Authority>() else { return Ok(()) };
        let Ok(target) = Target::of(&authority, default) else { return Ok(()) };
        prop_assert!(target.port != 0 && !target.host.is_empty() && !target.host.contains('@'));
        let shown: Authority = target.to_string().parse().unwrap();
        prop_assert_eq!(Target::of(&shown, None).unwrap(), target);
    }

    #[test]
    fn only_names_below_a_served_domain_are_answered(text in hosts()) {
        if let Host::Served(cloud) = classify(&text) {
            let name = normalized(&text).unwrap();
            let mut own = DOMAINS.iter().filter(|domain| domain.cloud == cloud);
            let is_below = own.any(|domain| {
                let rest = name.strip_suffix(domain.name);
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            });
            prop_assert!(is_below, "{name}");
            prop_assert_eq!(classify(&name), Host::Served(cloud));
        }
    }
}

/// Bytes that are no TLS, or that begin as TLS and go on as nothing, inside of tunnels.
#[tokio::test]
async fn a_tunnel_of_noise_ends_and_the_next_is_served() {
    let door = Door::open().await;
    let hello = [0x16, 3, 1, 0, 40, 1, 0, 0, 36, 3, 3];
    let noises: [&[u8]; 6] = [
        b"GET / HTTP/1.1\r\nHost: sts.amazonaws.com\r\n\r\n",
        &[0xff; 300],
        &hello,
        &[0x16, 3, 1, 0xff, 0xff, 1],
        &[0x80, 0x2e, 1, 3, 1],
        b"",
    ];
    for noise in noises {
        let (code, mut stream) = door.connect("sts.amazonaws.com:443").await;
        assert_eq!(code, 200);
        stream.write_all(noise).await.unwrap();
        stream.shutdown().await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(!answer.starts_with(b"HTTP"), "{noise:?}");
    }
    for noise in [
        "CONNECT\r\n\r\n",
        "CONNECT / HTTP/1.1\r\n\r\n",
        "CONNECT :443 HTTP/1.1\r\n\r\n",
        "CONNECT a@b:1 HTTP/1.1\r\nHost: b\r\n\r\n",
    ] {
        let mut stream = door.ask(noise).await;
        let answer = head(&mut stream).await;
        assert!(status(&answer) >= 400, "{noise}: {answer}");
    }
    let url = "https://sts.us-east-1.amazonaws.com/";
    let answer = door.client(false).get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}
