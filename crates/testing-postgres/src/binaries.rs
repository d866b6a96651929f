//! Where PostgreSQL's programs are, and as whom they run.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with `initdb` and `postgres`: from PATH, or the newest of Debian's.
pub(crate) fn folder() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).filter_map(|folder| {
        let program = folder.join("initdb").canonicalize().ok()?;
        Some(program.parent()?.to_owned())
    });
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    let number = |path: &PathBuf| -> u32 {
        let name = path.file_name().and_then(|name| name.to_str());
        name.and_then(|name| name.parse().ok()).unwrap_or(0)
    };
    versions.sort_by_key(number);
    let debian = versions
        .into_iter()
        .rev()
        .map(|version| version.join("bin"));
    let found = on_path
        .chain(debian)
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file());
    found.unwrap_or_else(|| {
        panic!(
            "these tests need a real PostgreSQL and found none on PATH or in \
             /usr/lib/postgresql/*/bin; install it with `apt-get install postgresql` (or run \
             `.ci/install-postgresql`), or set {} to the URL of a server",
            crate::VARIABLE
        )
    })
}

/// A user and group by number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl User {
    /// PostgreSQL refuses to run as root: the unprivileged user to run it as instead; `None` when
    /// this process is not root.
    pub(crate) fn instead_of_root() -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let own = std::fs::metadata("/proc/self").expect("/proc").uid();
        if own != 0 {
            return None;
        }
        let users = std::fs::read_to_string("/etc/passwd").expect("/etc/passwd");
        let named = |name: &str| {
            let line = users
                .lines()
                .find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2).map(str::parse);
            let (user, group) = (fields.next()?.ok()?, fields.next()?.ok()?);
            Some(Self { user, group })
        };
        let found = named("postgres").or_else(|| named("nobody"));
        Some(found.expect("a user `postgres` or `nobody`"))
    }

    /// Makes a folder this user's.
    pub(crate) fn owns(self, folder: &Path) {
        std::os::unix::fs::chown(folder, Some(self.user), Some(self.group)).expect("chown");
    }
}

/// A command that runs the program as that user.
pub(crate) fn command(program: &Path, user: Option<User>) -> Command {
    let Some(User { user, group }) = user else {
        return Command::new(program);
    };
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={user}"))
        .arg(format!("--regid={group}"))
        .arg("--clear-groups")
        .arg("--")
        .arg(program);
    command
}
