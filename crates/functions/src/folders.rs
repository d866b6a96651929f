//! Scratch folders: one for each server process, one in it for each version that is ready.

use domain::Refusal;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The scratch folder of one ready version.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: PathBuf,
}

impl Scratch {
    /// Makes it.
    pub(crate) fn create(parent: &Path, name: &str) -> Result<Self, Refusal> {
        let scratch = Self {
            root: parent.join(name),
        };
        let made = fs::create_dir_all(scratch.instances())
            .and_then(|()| open_to_all(&scratch.temporary()))
            .and_then(|()| open_to_all(&scratch.instances()));
        made.map_err(|error| cannot("make", &scratch.root, &error))?;
        Ok(scratch)
    }

    /// What its processes see as `/tmp`.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// In it, a folder for each instance that has a `/tmp` of its own.
    pub(crate) fn instances(&self) -> PathBuf {
        self.temporary().join(INSTANCES)
    }

    /// What its processes are confined to.
    pub(crate) fn confinement(&self) -> PathBuf {
        self.root.join("confinement.json")
    }

    /// Where its processes hand over listening sockets.
    pub(crate) fn passage(&self) -> PathBuf {
        self.root.join("passage")
    }

    /// What this machine did not allow.
    pub(crate) fn report(&self) -> PathBuf {
        self.root.join("report.json")
    }

    /// What its processes see as `/opt`.
    pub(crate) fn opt(&self) -> PathBuf {
        self.root.join("opt")
    }

    /// Forgets the temporary files of an instance.
    pub(crate) fn forget(&self, process: u32) {
        let _ = fs::remove_dir_all(self.instances().join(format!("instance-{process}")));
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// The name of the folder of instances inside `/tmp`.
pub(crate) const INSTANCES: &str = ".instances";

/// The folder above is private to the server's user; inside, users that were given up must write.
fn open_to_all(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o1777))
}

/// Puts layers over each other into one folder, the later over the earlier; files are linked where
/// the disk allows.
pub(crate) fn merge(layers: &[PathBuf], target: &Path) -> Result<(), Refusal> {
    for layer in layers {
        let mut pending = vec![PathBuf::new()];
        while let Some(below) = pending.pop() {
            let from = layer.join(&below);
            let to = target.join(&below);
            fs::create_dir_all(&to).map_err(|error| cannot("make", &to, &error))?;
            let entries = fs::read_dir(&from).map_err(|error| cannot("read", &from, &error))?;
            for entry in entries {
                let entry = entry.map_err(|error| cannot("read", &from, &error))?;
                let name = below.join(entry.file_name());
                let kind = entry
                    .file_type()
                    .map_err(|error| cannot("read", &from, &error))?;
                if kind.is_dir() {
                    pending.push(name);
                    continue;
                }
                let to = target.join(&name);
                let _ = fs::remove_file(&to);
                place(&entry.path(), &to, kind.is_symlink())
                    .map_err(|error| cannot("make", &to, &error))?;
            }
        }
    }
    Ok(())
}

fn place(from: &Path, to: &Path, link: bool) -> io::Result<()> {
    if link {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(drop))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Refusal {
    Refusal::Unavailable {
        message: format!("cannot {what} `{}`: {error}", path.display()),
    }
}

/// The scratch folder of this process below one that servers share; those of servers that are gone
/// are removed, with the control groups that they name.
pub(crate) fn of_this_process(shared: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(shared)?;
    for entry in fs::read_dir(shared)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let alive = name
            .parse::<i32>()
            .is_ok_and(|pid| pid != std::process::id() as i32 && alive(pid));
        if alive {
            continue;
        }
        for group in fs::read_dir(entry.path().join("groups"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let name = group.file_name().to_string_lossy().into_owned();
            // Made again it is emptied first, and dropped it is removed.
            drop(runtimes::control_group::ControlGroup::create(
                &name,
                runtimes::control_group::Quota::default(),
            ));
        }
        let _ = fs::remove_dir_all(entry.path());
    }
    let own = shared.join(std::process::id().to_string());
    fs::create_dir_all(own.join("groups"))?;
    own.canonicalize()
}

fn alive(pid: i32) -> bool {
    runtimes::process::Identity::of(pid).is_some_and(|found| found.is_alive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_layers_cover_earlier_ones() {
        let folder = tempfile::tempdir().unwrap();
        let layers = ["one", "two"].map(|name| folder.path().join(name));
        for (layer, text) in layers.iter().zip(["1", "2"]) {
            fs::create_dir_all(layer.join("python")).unwrap();
            fs::write(layer.join("python/shared.py"), text).unwrap();
            fs::write(layer.join(format!("python/only{text}.py")), text).unwrap();
        }
        let target = folder.path().join("opt");
        merge(&layers, &target).unwrap();
        let read = |name: &str| fs::read_to_string(target.join("python").join(name)).unwrap();
        assert_eq!(
            [read("shared.py"), read("only1.py"), read("only2.py")],
            ["2", "1", "2"]
        );
        assert_eq!(
            fs::read_to_string(layers[0].join("python/shared.py")).unwrap(),
            "1"
        );
    }

    #[test]
    fn what_a_dead_server_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join("999999999").join("x");
        fs::create_dir_all(&left).unwrap();
        let own = of_this_process(folder.path()).unwrap();
        assert!(own.is_dir() && !left.exists());
    }
}
