//! Where control groups are mounted and where this process is in them.

use std::fs;
use std::path::{Path, PathBuf};

/// One hierarchy of control groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hierarchy {
    /// Its controllers in version 1; empty for version 2.
    pub(super) controllers: Vec<String>,
    /// Where it is mounted.
    pub(super) mount: PathBuf,
    /// The folder of the group that this process is in.
    pub(super) own: PathBuf,
}

/// The hierarchies of this machine: version 1 by controller, and version 2.
#[derive(Debug, Clone, Default)]
pub(super) struct Hierarchies {
    pub(super) one: Vec<Hierarchy>,
    pub(super) two: Option<Hierarchy>,
}

impl Hierarchies {
    /// Reads `/proc/self/mountinfo` and `/proc/self/cgroup`.
    pub(super) fn of_this_process() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        Self::parse(&read("/proc/self/mountinfo"), &read("/proc/self/cgroup"))
    }

    /// The version 1 hierarchy of a controller.
    pub(super) fn of(&self, controller: &str) -> Option<&Hierarchy> {
        self.one
            .iter()
            .find(|one| one.controllers.iter().any(|name| name == controller))
    }

    fn parse(mounts: &str, memberships: &str) -> Self {
        let mut found = Self::default();
        for line in mounts.lines() {
            let Some((left, right)) = line.split_once(" - ") else {
                continue;
            };
            let left: Vec<&str> = left.split(' ').collect();
            let right: Vec<&str> = right.split(' ').collect();
            let (Some(root), Some(mount)) = (left.get(3), left.get(4)) else {
                continue;
            };
            match right.first() {
                Some(&"cgroup") => {
                    let options = right.get(2).copied().unwrap_or_default();
                    let controllers: Vec<String> = options.split(',').map(str::to_owned).collect();
                    let Some(path) = membership(memberships, |names| {
                        names
                            .split(',')
                            .any(|name| controllers.iter().any(|known| known == name))
                    }) else {
                        continue;
                    };
                    let own = below(mount, root, path);
                    found.one.push(Hierarchy {
                        controllers,
                        mount: mount.into(),
                        own,
                    });
                }
                Some(&"cgroup2") => {
                    let Some(path) = membership(memberships, str::is_empty) else {
                        continue;
                    };
                    let own = below(mount, root, path);
                    let hierarchy = Hierarchy {
                        controllers: Vec::new(),
                        mount: mount.into(),
                        own,
                    };
                    found.two.get_or_insert(hierarchy);
                }
                _ => {}
            }
        }
        found
    }
}

/// The path in the line of `/proc/self/cgroup` whose controllers are the right ones.
fn membership(memberships: &str, is_right: impl Fn(&str) -> bool) -> Option<&str> {
    memberships.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let controllers = parts.next()?;
        parts.next().filter(|_| is_right(controllers))
    })
}

/// A group's folder: its path counts from the root of the hierarchy, of which only a part may be
/// mounted.
fn below(mount: &str, root: &str, path: &str) -> PathBuf {
    let inside = Path::new(path)
        .strip_prefix(root)
        .unwrap_or(Path::new(path));
    Path::new(mount).join(inside.strip_prefix("/").unwrap_or(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_are_found() {
        let mounts = "30 27 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
            31 27 0:27 /docker/x /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
            32 27 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
            33 27 0:29 / /tmp rw - tmpfs tmpfs rw\n";
        let memberships = "4:memory:/docker/x/y\n2:cpu,cpuacct:/a\n0::/u/v\n";
        let found = Hierarchies::parse(mounts, memberships);
        let own = |controller| {
            found
                .of(controller)
                .map(|one| one.own.display().to_string())
        };
        assert_eq!(own("cpu").as_deref(), Some("/sys/fs/cgroup/cpu,cpuacct/a"));
        assert_eq!(own("memory").as_deref(), Some("/sys/fs/cgroup/memory/y"));
        assert_eq!(own("pids"), None);
        assert_eq!(
            found.two.unwrap().own,
            Path::new("/sys/fs/cgroup/unified/u/v")
        );
    }
}
