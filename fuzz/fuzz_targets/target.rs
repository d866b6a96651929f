//! Any text given as the target of `CONNECT`: it is read as it is shown, and only names below the served
//! domains are answered.

#![no_main]

use frontdoor::names::{DOMAINS, Host, classify, normalized};
use frontdoor::proxy::Target;
use http::uri::Authority;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Host::Served(_) = classify(text) {
        let name = normalized(text).expect("a served host is a name");
        assert!(DOMAINS.iter().any(|domain| name.ends_with(domain.name)));
    }
    let Ok(authority) = text.parse::<Authority>() else {
        return;
    };
    if let Ok(target) = Target::of(&authority, None) {
        let shown: Authority = target
            .to_string()
            .parse()
            .expect("a target is an authority");
        assert_eq!(Target::of(&shown, None).ok(), Some(target));
    }
});
