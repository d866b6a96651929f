//! What a supervisor takes from the process it is: time, variables and its own program, so that
//! nothing deeper reads them from the air.

use domain::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// The world around a process.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Tells the time.
    pub clock: fn() -> Timestamp,
    /// Variables of this process; user code sees only those of [`crate::scripts::inherited`].
    pub variables: BTreeMap<String, String>,
    /// The program that answers `supervise --enter <folder>`, and arguments before these.
    pub program: PathBuf,
}

impl Surroundings {
    /// Those of the running process, for binaries to call at their outermost place.
    pub fn of_this_process() -> Self {
        Self {
            clock: system_time,
            variables: std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect(),
            program: PathBuf::from("/proc/self/exe"),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// One variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// The folders of `PATH`.
    pub fn search_path(&self) -> Vec<PathBuf> {
        let path = self
            .variable("PATH")
            .unwrap_or("/usr/local/bin:/usr/bin:/bin");
        path.split(':')
            .filter(|part| part.starts_with('/'))
            .map(PathBuf::from)
            .collect()
    }
}

/// The wall clock in milliseconds.
pub fn system_time() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
