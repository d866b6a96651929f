//! Telling one process from another for certain: a number alone is reused by the system.

use crate::files;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::OnceLock;

/// A process of this boot of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its number.
    pub pid: i32,
    /// When it began, in clock ticks since the boot (field 22 of `/proc/<pid>/stat`, proc(5)).
    pub ticks: u64,
    /// `/proc/sys/kernel/random/boot_id`.
    pub boot: String,
}

impl Identity {
    /// Of the process that has this number now; `None` when there is none.
    pub fn of(pid: i32) -> Option<Self> {
        Some(Self {
            pid,
            ticks: stat(pid)?.ticks,
            boot: boot().to_owned(),
        })
    }

    /// Whether exactly this process still runs. One that has ended and was not yet fetched by its
    /// parent does not.
    pub fn is_alive(&self) -> bool {
        self.boot == boot()
            && stat(self.pid)
                .is_some_and(|now| now.ticks == self.ticks && !matches!(now.state, 'Z' | 'X'))
    }

    /// Sends a signal if exactly this process still runs; tells whether it was sent.
    pub fn signal(&self, signal: Signal) -> bool {
        self.is_alive() && kill(Pid::from_raw(self.pid), signal).is_ok()
    }
}

/// What `/proc/<pid>/stat` says of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// One letter, proc(5).
    pub state: char,
    /// The parent's number.
    pub parent: i32,
    /// The process group's number.
    pub group: i32,
    /// Start in clock ticks since the boot.
    pub ticks: u64,
    /// Threads.
    pub threads: u32,
    /// Resident pages.
    pub resident_pages: u64,
    /// CPU time in clock ticks: its own and that of children that it has fetched.
    pub cpu_ticks: u64,
}

/// Reads `/proc/<pid>/stat`. The program's name in it may hold spaces and parentheses, so fields
/// are counted from the last parenthesis.
pub fn stat(pid: i32) -> Option<Stat> {
    // One read: the whole is made at once and is shorter than this.
    let mut buffer = [0; 1024];
    let length = File::open(format!("/proc/{pid}/stat"))
        .ok()?
        .read(&mut buffer)
        .ok()?;
    let text = String::from_utf8_lossy(&buffer[..length]);
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        threads: fields.get(17)?.parse().ok()?,
        ticks: fields.get(19)?.parse().ok()?,
        resident_pages: fields.get(21)?.parse().ok()?,
        cpu_ticks: fields.get(11..15)?.iter().try_fold(0, |sum, field| {
            let ticks: u64 = field.parse().ok()?;
            Some(sum + ticks)
        })?,
    })
}

/// All processes that descend from `ancestor`, itself not included.
pub fn descendants(ancestor: i32) -> Vec<(i32, Stat)> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut others: Vec<(i32, Stat)> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid| Some((pid, stat(pid)?)))
        .collect();
    let mut family = vec![ancestor];
    let mut found = Vec::new();
    loop {
        let (children, rest): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|(_, stat)| family.contains(&stat.parent));
        if children.is_empty() {
            return found;
        }
        family = children.iter().map(|(pid, _)| *pid).collect();
        found.extend(children);
        others = rest;
    }
}

/// The family of `ancestor` as far as the system tells it quickly: the cost is that of the
/// family, not that of the machine. Complete only while nobody forks; `None` where the kernel was
/// built without `CONFIG_PROC_CHILDREN`.
pub fn family(ancestor: i32) -> Option<Vec<(i32, Stat)>> {
    let mut found = Vec::new();
    let mut waiting = children(ancestor)?;
    while let Some(pid) = waiting.pop() {
        if let Some(stat) = stat(pid) {
            found.push((pid, stat));
            waiting.extend(children(pid).unwrap_or_default());
        }
    }
    Some(found)
}

fn children(pid: i32) -> Option<Vec<i32>> {
    let tasks = fs::read_dir(Path::new("/proc").join(pid.to_string()).join("task")).ok()?;
    let mut all = Vec::new();
    for task in tasks.flatten() {
        let text = fs::read_to_string(task.path().join("children")).ok()?;
        all.extend(
            text.split_ascii_whitespace()
                .filter_map(|child| child.parse::<i32>().ok()),
        );
    }
    Some(all)
}

/// Bytes of a page of memory.
pub fn page_size() -> u64 {
    const AT_PAGESZ: u64 = 6;
    told_at_start(AT_PAGESZ).unwrap_or(4096)
}

/// Clock ticks of a second, in which CPU time is counted.
pub fn ticks_per_second() -> u64 {
    const AT_CLKTCK: u64 = 17;
    told_at_start(AT_CLKTCK)
        .filter(|ticks| *ticks > 0)
        .unwrap_or(100)
}

/// What the kernel told this process at its start (getauxval(3)).
fn told_at_start(wanted: u64) -> Option<u64> {
    let words = fs::read("/proc/self/auxv").unwrap_or_default();
    let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_ne_bytes);
    let mut pairs = words
        .chunks_exact(16)
        .map(|pair| (word(&pair[..8]), word(&pair[8..])));
    pairs
        .find(|(kind, _)| *kind == wanted)
        .map(|(_, value)| value)
}

/// Processes and threads of the user that this process runs as.
pub fn of_this_user() -> u64 {
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0;
    };
    let user = nix::unistd::geteuid().as_raw();
    entries
        .flatten()
        .filter(|entry| {
            entry
                .metadata()
                .is_ok_and(|metadata| metadata.uid() == user)
        })
        .filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?))
        .map(|stat| u64::from(stat.threads))
        .sum()
}

/// The boot that this process lives in, read once.
fn boot() -> &'static str {
    static BOOT: OnceLock<String> = OnceLock::new();
    BOOT.get_or_init(|| {
        files::read_text(Path::new("/proc/sys/kernel/random/boot_id"), 64)
            .unwrap_or_default()
            .trim()
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_itself_and_not_another_with_its_number() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let me = Identity::of(pid).unwrap();
        assert!(me.is_alive());
        assert!(
            !Identity {
                ticks: me.ticks + 1,
                ..me.clone()
            }
            .is_alive()
        );
        assert!(
            !Identity {
                boot: "another".to_owned(),
                ..me
            }
            .is_alive()
        );
        assert_eq!(Identity::of(i32::MAX), None);
    }

    #[test]
    fn a_page_is_a_power_of_two() {
        assert!(page_size().is_power_of_two() && page_size() >= 4096);
    }

    #[test]
    fn an_ended_child_is_not_alive_before_it_is_fetched() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let identity = Identity::of(pid).unwrap();
        while stat(pid).is_some_and(|stat| stat.state != 'Z') {
            std::thread::yield_now();
        }
        assert!(!identity.is_alive());
        child.wait().unwrap();
    }
}
