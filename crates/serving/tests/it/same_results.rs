//! Whatever the worker does in its own way, for speed, has the results of the packages.

use crate::forest::{SCIKIT_LEARN, environment};
use std::path::Path;
use std::process::Command;

#[test]
fn forests_and_files_are_those_of_scikit_learn_and_joblib_to_the_last_bit() {
    let worker = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python/worker");
    let tried = Command::new(environment(&SCIKIT_LEARN))
        .args(["-B", "-W", "ignore", "-c", include_str!("same_results.py")])
        .arg(worker)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&tried.stderr);
    assert!(tried.status.success(), "{errors}");
    let said = tried.stdout.trim_ascii_end();
    assert!(said.ends_with(b"the same"), "{errors}");
}
