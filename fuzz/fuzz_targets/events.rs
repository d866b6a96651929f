//! Any bytes as the payload of an event stream's message, which a reader takes apart again.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| aws::parsers::event(bytes).expect("a property"));
