//! Control groups, version 2: one folder for all controllers
//! (<https://docs.kernel.org/admin-guide/cgroup-v2.html>).

use super::Wanted;
use super::mounts::Hierarchies;
use super::version_one::{PERIOD, write};
use std::fs;
use std::path::{Path, PathBuf};

/// Makes a group with the wanted limits as near as possible to this process' own group, and takes
/// them out of `wanted`. Where processes are in a group its children cannot have controllers, so
/// the search goes up as far as this user may write. Without wanted limits, or when none can be
/// had, the group still serves to end all of its processes at once.
pub(super) fn create(
    hierarchies: &Hierarchies,
    name: &str,
    wanted: &mut Wanted,
) -> Option<PathBuf> {
    let hierarchy = hierarchies.two.as_ref()?;
    if !wanted.is_empty() {
        let mut parent = Some(hierarchy.own.as_path());
        while let Some(folder) = parent.filter(|folder| folder.starts_with(&hierarchy.mount)) {
            if let Some(made) = create_limited(folder, name, *wanted) {
                *wanted = Wanted::default();
                return Some(made);
            }
            parent = folder.parent();
        }
    }
    let folder = hierarchy.own.join(name);
    super::groups::create_folder(&folder)?;
    Some(folder)
}

fn create_limited(parent: &Path, name: &str, wanted: Wanted) -> Option<PathBuf> {
    let mut controllers = Vec::new();
    controllers.extend(wanted.memory.map(|_| "memory"));
    controllers.extend(wanted.milli_cpus.map(|_| "cpu"));
    controllers.extend(wanted.processes.map(|_| "pids"));
    let available = fs::read_to_string(parent.join("cgroup.controllers")).ok()?;
    let has = |list: &str, name: &str| list.split_ascii_whitespace().any(|one| one == name);
    if !controllers
        .iter()
        .all(|controller| has(&available, controller))
    {
        return None;
    }
    let enabled = fs::read_to_string(parent.join("cgroup.subtree_control")).ok()?;
    for controller in controllers
        .iter()
        .filter(|controller| !has(&enabled, controller))
    {
        write(parent, "cgroup.subtree_control", &format!("+{controller}"))?;
    }
    let folder = parent.join(name);
    super::groups::create_folder(&folder)?;
    if limit(&folder, wanted).is_none() {
        let _ = fs::remove_dir(&folder);
        return None;
    }
    Some(folder)
}

fn limit(folder: &Path, wanted: Wanted) -> Option<()> {
    if let Some(bytes) = wanted.memory {
        write(folder, "memory.max", &bytes.to_string())?;
        // Not there without swap accounting; then there is nothing to forbid.
        let _ = write(folder, "memory.swap.max", "0");
        let _ = write(folder, "memory.oom.group", "1");
    }
    if let Some(milli_cpus) = wanted.milli_cpus {
        let quota = (u64::from(milli_cpus) * PERIOD / 1000).max(1000);
        write(folder, "cpu.max", &format!("{quota} {PERIOD}"))?;
    }
    if let Some(processes) = wanted.processes {
        write(folder, "pids.max", &processes.to_string())?;
    }
    Some(())
}
