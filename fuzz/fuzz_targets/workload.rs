//! Any bytes given as a workload file: no panic, and mistakes that can be shown.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use workload::parse;

fuzz_target!(|bytes: &[u8]| {
    match parse(bytes, "tradewind.yaml", None, &BTreeMap::new()) {
        Ok((spec, _)) => spec.check().expect("a loaded pipeline is well formed"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
