//! A server of its own for each test, and its end whatever happens.

mod asks;
mod place;
mod server;

pub(crate) use place::{Place, Ran, finish, processes_of};
pub(crate) use server::Server;

use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_tradewind");

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// The spec of a job that is a shell script.
pub(crate) fn shell(script: &str, more: Value) -> Value {
    let mut spec = json!({"entry": {"kind": "command", "argv": ["sh", "-c", script]}});
    for (name, value) in more.as_object().unwrap() {
        spec[name] = value.clone();
    }
    spec
}

/// Looks until something is there.
#[track_caller]
pub(crate) fn until<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    until_or(what, look)
}

#[track_caller]
pub(crate) fn until_or<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The repository's folder of an example.
pub(crate) fn example(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name);
    root.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// The message of a job that failed.
#[track_caller]
pub(crate) fn message(job: &Value) -> &str {
    let message = job["phase"]["outcome"]["failure"]["message"].as_str();
    message.unwrap_or_else(|| panic!("did not fail: {job}"))
}
