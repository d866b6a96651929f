//! Any bytes given as a form of the query protocol.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| aws::parsers::form(bytes).expect("a property"));
