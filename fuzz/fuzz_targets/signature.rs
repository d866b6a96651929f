//! Any text given as the head of a signed request, in the header or in the query: no panic, a fault that
//! says something, and nothing proven without the secret.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        aws::parsers::signature(text).expect("a property");
        aws::parsers::moment(text).expect("a property");
    }
});
