//! What a function's process gives up before it becomes the user's program: other people's files,
//! the network, the rights of the server's user.
//!
//! A process can only do this to itself, so the server starts this same binary, which confines
//! itself and then becomes the program. Each step that the machine does not allow is left out and
//! told in a report; nothing of it is a reason not to run.

mod files;
mod network;
mod user;

pub(crate) use network::raise_loopback;

use crate::{Error, files as records};
use domain::function::Network;
use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};
use std::convert::Infallible;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a process shall give up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Folders that are empty for it.
    pub hidden: Vec<PathBuf>,
    /// Folders and files inside hidden ones that it sees, without the right to write.
    pub kept: Vec<PathBuf>,
    /// What it sees as `/tmp`, the only place where it may write.
    pub temporary: PathBuf,
    /// What it sees as `/opt`.
    pub opt: Option<PathBuf>,
    /// What of the network it may reach.
    pub network: Network,
    /// The user it becomes where the server is root.
    pub user: u32,
    /// Most bytes of a file that it writes.
    pub largest_file: u64,
    /// Most files that it has open.
    pub open_files: u64,
    /// Control groups to become a member of.
    pub groups: Vec<PathBuf>,
    /// Whether it is killed when its parent dies; the Python worker sees to that itself.
    pub tied: bool,
    /// Where it is told what this machine did not allow, as a JSON list of words.
    pub report: PathBuf,
}

impl Confinement {
    /// Writes it where [`run`] finds it.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        records::write_record(path, self)
    }

    /// What the process that was started last reported; none when it did not come so far.
    pub fn lacks(&self) -> Vec<String> {
        records::read_record(&self.report)
            .ok()
            .flatten()
            .unwrap_or_default()
    }
}

/// Confines this process as the file says and becomes the program. Comes back only when that
/// fails.
///
/// # Errors
/// When the file cannot be read, the report cannot be written or the program cannot be started.
pub fn run(file: &Path, line: &[OsString]) -> Result<Infallible, Error> {
    let wanted: Confinement = records::read_record(file)?.ok_or_else(|| {
        Error::file("read", file)(std::io::Error::from(std::io::ErrorKind::NotFound))
    })?;
    let here = std::env::current_dir().map_err(Error::file("find", Path::new(".")))?;
    let mut report =
        fs::File::create(&wanted.report).map_err(Error::file("create", &wanted.report))?;
    let mut lacks: Vec<&str> = Vec::new();
    for group in &wanted.groups {
        if fs::write(group.join("cgroup.procs"), "0").is_err() {
            lacks.push("memory of the template");
        }
    }
    limit(&wanted)?;
    let apart = user::part(wanted.network != Network::Open);
    if apart.files && files::arrange(&wanted).is_ok() {
        nix::unistd::chdir(&here).map_err(Error::system("enter the code folder"))?;
    } else {
        lacks.push("files");
    }
    match wanted.network {
        Network::Open => {}
        Network::None if apart.network => {}
        Network::None | Network::Loopback => {
            if !(apart.network && network::raise_loopback()) {
                lacks.push("network");
            }
        }
    }
    if !user::drop_rights(wanted.user) {
        lacks.push("user");
    }
    if wanted.tied {
        let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
    }
    let text = serde_json::to_vec(&lacks).unwrap_or_default();
    report
        .write_all(&text)
        .map_err(Error::file("write", &wanted.report))?;
    drop(report);
    let Some((program, arguments)) = line.split_first() else {
        return Err(Error::Start {
            program: String::new(),
            source: std::io::Error::from(std::io::ErrorKind::InvalidInput),
        });
    };
    let source = Command::new(program).args(arguments).exec();
    Err(Error::Start {
        program: program.to_string_lossy().into_owned(),
        source,
    })
}

fn limit(wanted: &Confinement) -> Result<(), Error> {
    // When the machine itself runs out of memory, this goes before the server does.
    let _ = fs::write("/proc/self/oom_score_adj", "500");
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(Error::system("forbid core files"))?;
    let bytes = wanted.largest_file;
    setrlimit(Resource::RLIMIT_FSIZE, bytes, bytes).map_err(Error::system("limit files"))?;
    let files = wanted.open_files;
    // More than the hard limit of the server is not to be had, and not needed.
    let _ = setrlimit(Resource::RLIMIT_NOFILE, files, files);
    Ok(())
}
