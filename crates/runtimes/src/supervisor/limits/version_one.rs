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
        made.limit(hierarchies, name, wanted);
        made
    }

    /// Groups for the limits that every job has, without limits yet; `None` where a controller is
    /// missing.
    pub(super) fn unlimited(hierarchies: &Hierarchies, name: &str) -> Option<Self> {
        let create = |controller| {
            let folder = hierarchies.of(controller)?.own.join(name);
            super::groups::create_folder(&folder)?;
            Some(folder)
        };
        let memory = Some(create("memory")?);
        let pids = create("pids");
        let made = Self {
            memory,
            cpu: None,
            pids,
        };
        if made.pids.is_none() {
            made.folders()
                .for_each(|folder| drop(fs::remove_dir(folder)));
            return None;
        }
        Some(made)
    }

    /// Sets each limit whose controller is there, in a group that is there or is made, and takes
    /// it out of `wanted`.
    pub(super) fn limit(&mut self, hierarchies: &Hierarchies, name: &str, wanted: &mut Wanted) {
        if let Some(bytes) = wanted.memory {
            let bytes = bytes.to_string();
            let set = set(&mut self.memory, hierarchies, "memory", name, |folder| {
                write(folder, "memory.limit_in_bytes", &bytes)?;
                // Swap counts too where the kernel accounts for it.
                let _ = write(folder, "memory.memsw.limit_in_bytes", &bytes);
                Some(())
            });
            wanted.memory = wanted.memory.filter(|_| set.is_none());
        }
        if let Some(milli_cpus) = wanted.milli_cpus {
            let quota = (u64::from(milli_cpus) * PERIOD / 1000)
                .max(1000)
                .to_string();
            let set = set(&mut self.cpu, hierarchies, "cpu", name, |folder| {
                write(folder, "cpu.cfs_period_us", &PERIOD.to_string())?;
                write(folder, "cpu.cfs_quota_us", &quota)
            });
            wanted.milli_cpus = wanted.milli_cpus.filter(|_| set.is_none());
        }
        if let Some(processes) = wanted.processes {
            let set = set(&mut self.pids, hierarchies, "pids", name, |folder| {
                write(folder, "pids.max", &processes.to_string())
            });
            wanted.processes = wanted.processes.filter(|_| set.is_none());
        }
    }

    pub(super) fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.memory.iter().chain(&self.cpu).chain(&self.pids)
    }
}

/// Sets a limit in a controller's group, which is made when it is not there.
fn set(
    group: &mut Option<PathBuf>,
    hierarchies: &Hierarchies,
    controller: &str,
    name: &str,
    limit: impl FnOnce(&Path) -> Option<()>,
) -> Option<()> {
    if let Some(folder) = group {
        return limit(folder);
    }
    let folder = hierarchies.of(controller)?.own.join(name);
    super::groups::create_folder(&folder)?;
    if limit(&folder).is_none() {
        let _ = fs::remove_dir(&folder);
        return None;
    }
    *group = Some(folder);
    Some(())
}

pub(super) fn write(folder: &Path, file: &str, text: &str) -> Option<()> {
    fs::write(folder.join(file), text).ok()
}
