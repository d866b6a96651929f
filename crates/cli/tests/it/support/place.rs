//! A place for one test: its folder, the program in it, and the end of all that runs there.

use super::{PATIENCE, PROGRAM};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder with a data folder in it; whatever mentions it in /proc ends with it.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) data: PathBuf,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    #[track_caller]
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.out, self.err);
        self
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("tradewind-e2e-")
            .tempdir()
            .unwrap();
        let data = folder.path().join("data");
        Self { folder, data }
    }

    /// A folder of files that can be run.
    pub(crate) fn project(&self, name: &str, files: &[(&str, &str)]) -> String {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        folder.to_str().unwrap().to_owned()
    }

    /// The program with this data folder and the environments that all tests share.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        for name in [
            "TRADEWIND_SERVER",
            "TRADEWIND_KEY",
            "TRADEWIND_DATABASE",
            "TRADEWIND_LOG",
        ] {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .env("TRADEWIND_DATA", &self.data)
            .env("TRADEWIND_ENVIRONMENTS", cache().join("environments"))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn tradewind(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments))
    }
}

/// Runs a command to its end, which must come in time. Its output goes through files, so that
/// nothing it leaves running can hold it up.
pub(crate) fn finish(mut command: Command) -> Ran {
    let (out, err) = (
        tempfile::NamedTempFile::new().unwrap(),
        tempfile::NamedTempFile::new().unwrap(),
    );
    let mut child = command
        .stdout(out.reopen().unwrap())
        .stderr(err.reopen().unwrap())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let (out, err) = (read(out.path()), read(err.path()));
    let status = status.unwrap_or_else(|| panic!("{command:?} did not end: {out}\n{err}"));
    Ran {
        code: status.code().unwrap_or(-1),
        out,
        err,
    }
}

/// Where what is slow to make is kept between test runs.
fn cache() -> PathBuf {
    let given = std::env::var_os("TRADEWIND_TEST_CACHE").map(PathBuf::from);
    given.unwrap_or_else(|| {
        let home = std::env::var_os("HOME").map_or_else(std::env::temp_dir, PathBuf::from);
        home.join(".cache/tradewind-tests")
    })
}

impl Drop for Place {
    fn drop(&mut self) {
        let folder = self.folder.path().to_str().unwrap().to_owned();
        let begun = Instant::now();
        // Somebody may be starting another process while we look.
        while kill_all(&folder) && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(2));
        }
        remove_groups(&self.data.join("tickets"));
    }
}

/// Processes that have the folder in their command line, environment or working directory.
pub(crate) fn processes_of(folder: &str) -> Vec<i32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let has = |file: &str| {
            let bytes = fs::read(entry.path().join(file)).unwrap_or_default();
            bytes
                .windows(folder.len())
                .any(|window| window == folder.as_bytes())
        };
        let here = fs::read_link(entry.path().join("cwd")).is_ok_and(|at| at.starts_with(folder));
        if pid != std::process::id().cast_signed() && (here || has("cmdline") || has("environ")) {
            found.push(pid);
        }
    }
    found
}

fn kill_all(folder: &str) -> bool {
    let found = processes_of(folder);
    for pid in &found {
        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
    }
    !found.is_empty()
}

/// Removes control groups of tickets whose supervisors were killed.
fn remove_groups(tickets: &Path) {
    let names: Vec<String> = fs::read_dir(tickets)
        .map(|entries| {
            entries
                .flatten()
                .map(|e| e.file_name().to_string_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    let roots = fs::read_dir("/sys/fs/cgroup")
        .into_iter()
        .flatten()
        .flatten()
        .map(|e| e.path());
    for root in roots.chain([PathBuf::from("/sys/fs/cgroup")]) {
        for name in &names {
            let _ = fs::remove_dir(root.join(format!("tradewind-{name}")));
        }
    }
}
