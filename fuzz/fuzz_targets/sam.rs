//! Any text given as a SAM template: no panic, and mistakes that can be shown.

#![no_main]

use std::collections::BTreeMap;
use std::path::Path;

use domain::Name;
use libfuzzer_sys::fuzz_target;
use workload::sam;

fuzz_target!(|bytes: &[u8]| {
    let stack = Name::new("stack").expect("a name");
    let parameters = BTreeMap::from([("Word".to_owned(), "given".to_owned())]);
    let read = sam::parse(bytes, "template.yaml", Path::new(""), &stack, &parameters);
    if let Err(error) = read {
        assert!(!error.to_string().is_empty());
    }
});
