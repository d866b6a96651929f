//! Control groups, version 1: one folder a controller
//! (<https://docs.kernel.org/admin-guide/cgroup-v1/index.html>).

use super::Wanted;
use super::mounts::Hierarchies;
use std::fs;
use std::path::{Path, PathBuf};

/// Microseconds over which CPU bandwidth is counted.
pub(super) const PERIOD: u64 = 100_000;

/// The folders that were made.
#[derive(Debug, Default)]
pub(super) struct VersionOne {
    pub(super) memory: Option<PathBuf>,
    pub(super) cpu: Option<PathBuf>,
    pub(super) pids: Option<PathBuf>,
}

impl VersionOne {
    /// Makes a group for each limit whose controller is there, and takes those limits out of
    /// `wanted`.
    pub(super) fn create(hierarchies: &Hierarchies, name: &str, wanted: &mut Wanted) -> Self {
        let mut made = Self::default();
        if let Some(bytes) = wanted.memory {
            let bytes = bytes.to_string();
            made.memory = create(hierarchies, "memory", name, |folder| {
                write(folder, "memory.limit_in_bytes", &bytes)?;
                // Swap counts too where the kernel accounts for it.
                let _ = write(folder, "memory.memsw.limit_in_bytes", &bytes);
                Some(())
            });
        }
        if let Some(milli_cpus) = wanted.milli_cpus {
            let quota = (u64::from(milli_cpus) * PERIOD / 1000)
                .max(1000)
                .to_string();
            made.cpu = create(hierarchies, "cpu", name, |folder| {
                write(folder, "cpu.cfs_period_us", &PERIOD.to_string())?;
                write(folder, "cpu.cfs_quota_us", &quota)
            });
        }
        if let Some(processes) = wanted.processes {
            made.pids = create(hierarchies, "pids", name, |folder| {
                write(folder, "pids.max", &processes.to_string())
            });
        }
        wanted.memory = wanted.memory.filter(|_| made.memory.is_none());
        wanted.milli_cpus = wanted.milli_cpus.filter(|_| made.cpu.is_none());
        wanted.processes = wanted.processes.filter(|_| made.pids.is_none());
        made
    }

    pub(super) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.memory.iter().chain(&self.cpu).chain(&self.pids)
    }
}

fn create(
    hierarchies: &Hierarchies,
    controller: &str,
    name: &str,
    limit: impl FnOnce(&Path) -> Option<()>,
) -> Option<PathBuf> {
    let folder = hierarchies.of(controller)?.own.join(name);
    super::groups::create_folder(&folder)?;
    if limit(&folder).is_none() {
        let _ = fs::remove_dir(&folder);
        return None;
    }
    Some(folder)
}

pub(super) fn write(folder: &Path, file: &str, text: &str) -> Option<()> {
    fs::write(folder.join(file), text).ok()
}
