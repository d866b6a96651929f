//! Ends a whole tree of processes.

use crate::process;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{Pid, getpid};
use std::time::Duration;

/// Rounds of killing: each leaves at most what was born during it, and stopped parents bear none.
const ROUNDS: usize = 1000;

/// Kills every process below this one. Orphans are below it too, because it is their reaper.
/// First all are stopped, so that none can fork while the others are killed.
pub(super) fn kill_descendants() {
    let own = getpid().as_raw();
    // Most often there is nothing: without children there are no descendants, whose orphans would
    // be children.
    if process::family(own).is_some_and(|family| family.is_empty()) {
        return;
    }
    for round in 0..ROUNDS {
        let living: Vec<i32> = process::descendants(own)
            .into_iter()
            .filter(|(_, stat)| stat.state != 'Z')
            .map(|(pid, _)| pid)
            .collect();
        if living.is_empty() {
            return;
        }
        for signal in [Signal::SIGSTOP, Signal::SIGKILL] {
            for pid in &living {
                let _ = kill(Pid::from_raw(*pid), signal);
            }
        }
        if round > 2 {
            // A process in the middle of a disk operation takes a moment to die.
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Asks the whole tree below this process to end, each process once. `first` is the first process
/// of user code, which leads a process group as soon as it has entered.
pub(super) fn ask_to_end(first: Pid) {
    let as_group = killpg(first, Signal::SIGTERM).is_ok();
    for (pid, stat) in process::descendants(getpid().as_raw()) {
        if !as_group || stat.group != first.as_raw() {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
    }
}

/// Fetches all children that have ended, so that none stays a zombie.
pub(super) fn reap() {
    while let Ok(status) = waitpid(Pid::from_raw(-1), Some(WaitPidFlag::WNOHANG)) {
        if status.pid().is_none() {
            return;
        }
    }
}
