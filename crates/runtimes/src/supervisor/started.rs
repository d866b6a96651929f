//! User code's first process, however it came to be: a child of this one.

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::process::Child;

/// The process and the reading ends of what it prints.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) pid: Pid,
    pub(super) output: Option<File>,
    pub(super) error: Option<File>,
}

impl From<Child> for Started {
    fn from(mut child: Child) -> Self {
        Self {
            pid: Pid::from_raw(child.id() as i32),
            output: child.stdout.take().map(OwnedFd::from).map(File::from),
            error: child.stderr.take().map(OwnedFd::from).map(File::from),
        }
    }
}

impl Started {
    /// Kills and fetches it.
    pub(super) fn end(&self) {
        let _ = kill(self.pid, Signal::SIGKILL);
        let _ = waitpid(self.pid, None);
    }
}
