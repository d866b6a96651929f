//! Any bytes given as a body of CBOR: what is read is the same when it is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| aws::parsers::map(bytes).expect("a property"));
