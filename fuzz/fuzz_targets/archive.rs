//! Any bytes given to the archive reader: no panic, nothing outside the destination, nothing left
//! after a refusal.

#![no_main]

use std::fs;

use archive::{Limits, Rules, fingerprint, unpack};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits {
    bytes: 1 << 20,
    files: 64,
    name_length: 200,
    ratio: 100,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(place) = tempfile::tempdir() else {
        return;
    };
    let inner = place.path().join("inner");
    if fs::create_dir(&inner).is_err() {
        return;
    }
    let to = inner.join("to");
    match unpack(bytes, &to, LIMITS) {
        Ok(unpacked) => {
            // What was taken could be packed again, and is the same.
            let again = fingerprint(&to, &Rules::none()).expect("an unpacked folder can be packed");
            assert_eq!(again.sha256, unpacked.sha256);
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_eq!(fs::read_dir(&inner).map(Iterator::count).ok(), Some(0));
        }
    }
    assert_eq!(
        fs::read_dir(place.path()).map(Iterator::count).ok(),
        Some(1)
    );
});
