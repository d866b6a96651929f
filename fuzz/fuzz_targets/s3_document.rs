//! Any bytes given as the XML or JSON document of a signed request to S3: the first byte chooses which.

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
    if let Some((first, body)) = bytes.split_first() {
        SERVICE.with(|service| service.document(usize::from(*first), body));
    }
});
