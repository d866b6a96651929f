//! A control group for processes that somebody else starts: instances of functions.

use crate::supervisor::limits::{Groups, Wanted};
use std::fs;
use std::path::PathBuf;

/// What the processes of a group may have together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Thousandths of a CPU.
    pub milli_cpus: Option<u32>,
    /// Processes and threads.
    pub processes: Option<u32>,
}

/// A control group, version 1 or 2. Dropping it ends its processes and removes it.
#[derive(Debug)]
pub struct ControlGroup(Groups);

impl ControlGroup {
    /// Makes one under a name that nobody else on this machine has. What the machine cannot
    /// enforce is told by [`ControlGroup::lacks`].
    pub fn create(name: &str, quota: Quota) -> Self {
        let wanted = Wanted {
            memory: quota.memory,
            milli_cpus: quota.milli_cpus,
            processes: quota.processes,
        };
        Self(Groups::named(name, wanted))
    }

    /// Its folders, for a process that joins by itself.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.0.folders()
    }

    /// Makes a process a member; false when it is gone or this is not allowed.
    pub fn adopt(&self, process: u32) -> bool {
        let number = process.to_string();
        let folders = self.0.folders();
        folders
            .iter()
            .all(|folder| fs::write(folder.join("cgroup.procs"), &number).is_ok())
    }

    /// Whether the kernel ended a member because the memory was used up.
    pub fn is_out_of_memory(&self) -> bool {
        self.0.memory_broken()
    }

    /// The limits that no group enforces, in words.
    pub fn lacks(&self) -> Vec<&'static str> {
        let left = &self.0.left;
        let mut words = Vec::new();
        words.extend(left.memory.map(|_| "memory"));
        words.extend(left.milli_cpus.map(|_| "CPU"));
        words.extend(left.processes.map(|_| "processes"));
        words
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        self.0.remove();
    }
}
