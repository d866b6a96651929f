//! Any text given as the policy of a bucket: no panic, and a refusal that says something.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tradewind_s3::Policy;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for read in [Policy::for_bucket(text, "data"), Policy::for_identity(text)] {
        if let Err(error) = read {
            assert!(!error.to_string().is_empty());
        }
    }
});
