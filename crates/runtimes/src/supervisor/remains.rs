//! Clears away what a supervisor left that did not end in order.

use super::limits;
use crate::record::Status;
use crate::{Error, Layout, files, process};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::time::Duration;

/// Milliseconds that a supervisor may take from its last record to its end.
const LAST_STEPS: u32 = 50;

/// The variable by which processes of a folder are known.
pub(super) const MARK: &str = "TRADEWIND_MARK";

/// Ends every process of a ticket, its supervisor first, and removes its control groups; answers
/// whether nothing is left. The folder stays.
///
/// Without control groups the members are found by the variable that the launch gave them, which
/// their children have inherited; user code that takes care to hide can escape only where there
/// are no control groups and its supervisor was killed.
pub fn clear(layout: &Layout) -> Result<bool, Error> {
    let status = files::read_record::<Status>(&layout.status())?;
    if layout.exit().exists() && status.as_ref().is_some_and(ended_in_order) {
        return Ok(true);
    }
    let mut left = false;
    let mut groups = Vec::new();
    if let Some(status) = status {
        left |= status.supervisor.signal(Signal::SIGKILL);
        if let Some(process) = &status.process {
            left |= process.signal(Signal::SIGKILL);
        }
        groups = status.groups;
    }
    groups.extend(limits::existing(layout));
    limits::clear(&groups);
    for host in fs::read_dir(layout.hosts()).into_iter().flatten().flatten() {
        left |= !clear(&Layout::new(host.path()))?;
    }
    left |= kill_marked(&layout.mark());
    Ok(!left)
}

/// Whether a supervisor that has recorded the end has also come to its own and left no group: it
/// ended everything else before it wrote the record.
fn ended_in_order(status: &Status) -> bool {
    for _ in 0..LAST_STEPS {
        if !status.supervisor.is_alive() {
            return status.groups.iter().all(|group| !group.exists());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// Kills what carries the folder's mark in its variables.
fn kill_marked(mark: &str) -> bool {
    let marker = format!("{MARK}={mark}");
    let Ok(entries) = fs::read_dir("/proc") else {
        return false;
    };
    let mut any = false;
    for entry in entries.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let Ok(variables) = fs::read(entry.path().join("environ")) else {
            continue;
        };
        let marked = variables
            .split(|byte| *byte == 0)
            .any(|one| one == marker.as_bytes());
        if marked && process::stat(pid).is_some_and(|stat| stat.state != 'Z') {
            any |= kill(Pid::from_raw(pid), Signal::SIGKILL).is_ok();
        }
    }
    any
}

/// Asks for the end of a ticket: by a file, which counts even when the supervisor has yet to
/// start, and by a signal, which makes it look at once. Absent and ended tickets are fine.
pub fn request_stop(layout: &Layout) -> Result<(), Error> {
    if !layout.folder().exists() || layout.exit().exists() {
        return Ok(());
    }
    let path = layout.stop();
    fs::write(&path, "").map_err(Error::file("write", &path))?;
    if let Some(status) = files::read_record::<Status>(&layout.status())? {
        status.supervisor.signal(Signal::SIGUSR1);
    }
    Ok(())
}
