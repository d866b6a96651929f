//! Any text given as the head of a request to S3 that nobody signed.

#![no_main]

#[path = "../../crates/s3/tests/it/any.rs"]
mod any;
#[path = "../../crates/s3/tests/it/signer.rs"]
#[allow(dead_code, reason = "the tests of S3 use more of it")]
mod signer;

use libfuzzer_sys::fuzz_target;

thread_local! {
    static SERVICE: any::Any = any::Any::new();
}

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    SERVICE.with(|service| service.request(head, body.as_bytes()));
});
