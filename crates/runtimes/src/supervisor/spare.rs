//! A supervisor that is started before there is a ticket for it, so that a job does not wait for
//! what is the same for every job: two programs to be started and control groups to be joined.
//!
//! It waits for the ticket's folder on its standard input, and its entering stage waits for the
//! same on its own. When whoever started it goes away instead, it ends.

use super::limits::Groups;
use crate::process::Identity;
use crate::{Error, Surroundings};
use nix::sys::signal::Signal;
use nix::unistd::{dup2_stderr, dup2_stdin, getpid};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Bytes of a folder's path at most (`PATH_MAX`, limits.h).
const LONGEST: u64 = 4096;

/// An entering stage that waits, and the groups that it is a member of.
pub(super) struct Spare {
    child: Option<Child>,
    groups: Option<Groups>,
}

impl Spare {
    fn start(surroundings: &Surroundings) -> Option<Self> {
        let mut command = Command::new(&surroundings.program);
        let child = command
            .args(["supervise", "--enter"])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let this = Identity::of(getpid().as_raw())?;
        let groups = Groups::ahead(&this);
        let pid = child.id() as i32;
        let mut spare = Self {
            child: Some(child),
            groups,
        };
        if spare
            .groups
            .as_ref()
            .is_some_and(|groups| !groups.adopt(pid))
        {
            spare.end();
            return None;
        }
        Some(spare)
    }

    /// The folders of the groups.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.groups
            .as_ref()
            .map(Groups::folders)
            .unwrap_or_default()
    }

    /// The groups, for whoever will remove them.
    pub(super) fn take_groups(&mut self) -> Option<Groups> {
        self.groups.take()
    }

    /// Lets the stage enter a ticket's folder; `None` when it is no longer there to do it.
    pub(super) fn enter(mut self, folder: &Path) -> Option<Child> {
        let mut child = self.child.take()?;
        let told = match child.stdin.take() {
            Some(mut input) => input.write_all(folder.as_os_str().as_bytes()),
            None => return None,
        };
        if told.is_err() {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        Some(child)
    }

    fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Some(groups) = self.groups.take() {
            groups.remove();
        }
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits for a ticket and supervises it; ends well without one when nobody will bring any.
pub(super) fn wait(surroundings: &Surroundings) -> Result<(), Error> {
    // A session of its own from the start: what stops the server's group leaves it alone.
    let _ = nix::unistd::setsid();
    let spare = Spare::start(surroundings);
    let Some(folder) = told() else { return Ok(()) };
    keep_log(&folder)?;
    super::supervise_with(&folder, surroundings, spare)
}

/// What whoever started this process tells it: a folder, by its path up to the end of input.
pub(super) fn told() -> Option<PathBuf> {
    let mut path = Vec::new();
    io::stdin().take(LONGEST).read_to_end(&mut path).ok()?;
    (!path.is_empty()).then(|| PathBuf::from(OsString::from_vec(path)))
}

/// Standard error becomes the supervisor's log, as whoever starts one with a ticket arranges it.
fn keep_log(folder: &Path) -> Result<(), Error> {
    let path = folder.join(super::LOG);
    let log = File::options().create(true).append(true).open(&path);
    let log = log.map_err(Error::file("open", &path))?;
    dup2_stderr(&log).map_err(Error::system("write the log"))
}

/// For the entering stage: waits for its folder, dies with its supervisor, and leaves user code
/// nothing to read.
pub(super) fn told_to_enter() -> Result<Option<PathBuf>, Error> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)
        .map_err(Error::system("follow the supervisor"))?;
    // When the supervisor was gone before that, so is the other end of the input.
    nix::unistd::setsid().map_err(Error::system("begin a session"))?;
    let Some(folder) = told() else {
        return Ok(None);
    };
    let nothing = Path::new("/dev/null");
    let file = File::open(nothing).map_err(Error::file("open", nothing))?;
    dup2_stdin(&file).map_err(Error::system("close the input"))?;
    Ok(Some(folder))
}
