//! The control groups of one job, whatever their version.

use super::Wanted;
use super::mounts::Hierarchies;
use super::version_one::VersionOne;
use super::version_two;
use crate::launch::{Enforcement, Launch};
use crate::process::{self, Identity};
use crate::{Layout, files};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Begins the name of groups that are made before there is a ticket.
const AHEAD: &str = "tradewind-spare-";

/// The groups, and which limits they do not cover.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    one: VersionOne,
    two: Option<PathBuf>,
    /// Where those are found that have yet to be made.
    hierarchies: Hierarchies,
    /// Limits that no group enforces: they are to be watched.
    pub(crate) left: Wanted,
}

impl Groups {
    /// Makes what groups can be had for a launch; none is fine.
    pub(in crate::supervisor) fn create(launch: &Launch, layout: &Layout) -> Self {
        let left = wanted(launch);
        if launch.enforcement == Enforcement::Watching {
            return Self {
                left,
                ..Self::default()
            };
        }
        Self::named(&name(layout), left)
    }

    /// Makes what groups can be had under a name that nobody else on this machine has.
    pub(crate) fn named(name: &str, wanted: Wanted) -> Self {
        let mut left = wanted;
        let hierarchies = Hierarchies::of_this_process();
        let one = VersionOne::create(&hierarchies, name, &mut left);
        let two = version_two::create(&hierarchies, name, &mut left);
        Self {
            one,
            two,
            hierarchies,
            left,
        }
    }

    /// Groups without limits for a process that has yet to learn what it will run: to become a
    /// member takes the kernel milliseconds, which are spent ahead. `None` where limits need
    /// groups of version 2, whose place depends on the limits.
    pub(in crate::supervisor) fn ahead(process: &Identity) -> Option<Self> {
        let hierarchies = Hierarchies::of_this_process();
        let name = format!("{AHEAD}{}-{}", process.pid, process.ticks);
        let one = VersionOne::unlimited(&hierarchies, &name)?;
        let two = version_two::create(&hierarchies, &name, &mut Wanted::default());
        Some(Self {
            one,
            two,
            hierarchies,
            left: Wanted::default(),
        })
    }

    /// Sets the limits of a launch in groups that were made ahead; answers those that were made
    /// just now, whose member the process is not yet.
    pub(in crate::supervisor) fn limit(
        &mut self,
        launch: &Launch,
        layout: &Layout,
    ) -> Vec<PathBuf> {
        let before = self.folders();
        self.left = wanted(launch);
        if launch.enforcement == Enforcement::Best {
            let (hierarchies, name) = (&self.hierarchies, name(layout));
            self.one.limit(hierarchies, &name, &mut self.left);
        }
        let mut made = self.folders();
        made.retain(|folder| !before.contains(folder));
        made
    }

    /// Makes a process a member of all; false when that is not allowed or it is gone.
    pub(in crate::supervisor) fn adopt(&self, process: i32) -> bool {
        let number = process.to_string();
        let mut members = self
            .folders()
            .into_iter()
            .map(|folder| folder.join("cgroup.procs"));
        members.all(|members| fs::write(members, &number).is_ok())
    }

    /// All folders.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        self.two.iter().chain(self.one.folders()).cloned().collect()
    }

    /// Whether the kernel ended a process because the group's memory was used up.
    pub(crate) fn memory_broken(&self) -> bool {
        let one = self
            .one
            .memory
            .as_deref()
            .map(|folder| folder.join("memory.oom_control"));
        let two = self
            .two
            .as_deref()
            .map(|folder| folder.join("memory.events"));
        one.into_iter()
            .chain(two)
            .any(|file| counter(&file, "oom_kill") > 0)
    }

    /// Bytes of memory that the group had at most, cached pages of files among them; `None` without
    /// a group that counts (version 2 since Linux 5.19).
    pub(in crate::supervisor) fn peak_memory(&self) -> Option<u64> {
        let one = self.one.memory.as_deref();
        let one = one.map(|folder| folder.join("memory.max_usage_in_bytes"));
        let two = self.two.as_deref().map(|folder| folder.join("memory.peak"));
        let read = |file: PathBuf| files::read_text(&file, 64)?.trim().parse().ok();
        one.into_iter().chain(two).find_map(read)
    }

    /// Whether a process could not be made because there were too many.
    pub(in crate::supervisor) fn processes_broken(&self) -> bool {
        let folders = [self.one.pids.as_deref(), self.two.as_deref()];
        let mut files = folders
            .into_iter()
            .flatten()
            .map(|folder| folder.join("pids.events"));
        files.any(|file| counter(&file, "max") > 0)
    }

    /// Ends all processes of the groups and removes them.
    pub(crate) fn remove(&self) {
        clear(&self.folders());
    }

    /// Ends all processes of the groups.
    pub(in crate::supervisor) fn kill(&self) {
        kill_all(&self.folders());
    }
}

fn wanted(launch: &Launch) -> Wanted {
    Wanted {
        memory: launch.limits.memory.map(|size| size.0),
        milli_cpus: launch.limits.milli_cpus,
        processes: launch.limits.processes,
    }
}

/// Removes groups that were made ahead by a process that was killed before it had a ticket. One
/// with members belongs to a ticket, which knows it, and cannot be removed here.
pub(in crate::supervisor) fn sweep() {
    let hierarchies = Hierarchies::of_this_process();
    for hierarchy in hierarchies.one.iter().chain(&hierarchies.two) {
        let Ok(entries) = fs::read_dir(&hierarchy.own) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let maker = name.to_str().and_then(|name| {
                let (pid, ticks) = name.strip_prefix(AHEAD)?.split_once('-')?;
                Some((pid.parse::<i32>().ok()?, ticks.parse::<u64>().ok()?))
            });
            let Some((pid, ticks)) = maker else { continue };
            if process::stat(pid).is_none_or(|stat| stat.ticks != ticks) {
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
}

fn counter(file: &Path, name: &str) -> u64 {
    let text = files::read_text(file, 4096).unwrap_or_default();
    text.lines()
        .find_map(|line| {
            line.strip_prefix(name)?
                .strip_prefix(' ')?
                .trim()
                .parse()
                .ok()
        })
        .unwrap_or(0)
}

/// Ends all processes of some groups. Version 2 does it at once (`cgroup.kill`, Linux 5.14); in
/// version 1 it takes rounds until none is left.
fn kill_all(folders: &[PathBuf]) {
    for folder in folders {
        if fs::write(folder.join("cgroup.kill"), "1").is_ok() {
            continue;
        }
        for _ in 0..1000 {
            let text = fs::read_to_string(folder.join("cgroup.procs")).unwrap_or_default();
            let members: Vec<i32> = text.lines().filter_map(|line| line.parse().ok()).collect();
            if members.is_empty() {
                break;
            }
            for pid in members {
                let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

fn name(layout: &Layout) -> String {
    format!("tradewind-{}", layout.mark())
}

/// The groups of a folder that exist. They are looked for where they would be made, because a
/// supervisor may be killed after it made them and before it wrote that down.
pub(in crate::supervisor) fn existing(layout: &Layout) -> Vec<PathBuf> {
    let name = name(layout);
    let hierarchies = Hierarchies::of_this_process();
    let mut found = Vec::new();
    for hierarchy in hierarchies.one.iter().chain(&hierarchies.two) {
        let parents = hierarchy.own.ancestors();
        let parents = parents.take_while(|parent| parent.starts_with(&hierarchy.mount));
        found.extend(
            parents
                .map(|parent| parent.join(&name))
                .filter(|folder| folder.is_dir()),
        );
    }
    found
}

/// Makes a group. One that is there is what a killed supervisor of an earlier folder of this path
/// left.
pub(super) fn create_folder(folder: &Path) -> Option<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            clear(&[folder.to_owned()]);
            fs::create_dir(folder).ok()
        }
        other => other.ok(),
    }
}

/// Ends all processes of some groups and removes the groups.
pub(in crate::supervisor) fn clear(folders: &[PathBuf]) {
    kill_all(folders);
    for folder in folders {
        for _ in 0..200 {
            match fs::remove_dir(folder) {
                Err(error) if error.raw_os_error() == Some(nix::libc::EBUSY) => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                _ => break,
            }
        }
    }
}
