//! What a function's process gives up before it becomes the user's program: other people's files,
//! the network, the rights of the server's user, most of what the kernel can be asked.
//!
//! A process can only do this to itself, so the server starts this same binary, which confines
//! itself and then becomes the program. Each step that the machine does not allow is left out and
//! told in a report; nothing of it is a reason not to run.

mod files;
mod landlock;
mod network;
mod passage;
mod probe;
mod system_calls;
mod user;

pub(crate) use network::raise_loopback;
pub use passage::{Passage, listen};
pub use probe::probe;

use crate::{Error, files as records};
use domain::{Network, NetworkPolicy};
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
    pub network: NetworkPolicy,
    /// How a network of its own still reaches this installation.
    #[serde(default)]
    pub passage: Option<Passage>,
    /// The user it becomes where the server is root.
    pub user: u32,
    /// Most bytes of a file that it writes.
    pub largest_file: u64,
    /// Most files that it has open.
    pub open_files: u64,
    /// Control groups to become a member of.
    pub groups: Vec<PathBuf>,
    /// Whether it is killed when its parent dies; the Python worker sees to that itself. It also
    /// takes a `/tmp` for each instance itself, for which it keeps the right to mounts that any
    /// user has.
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
/// When the file cannot be read, the report cannot be written or the program cannot be started;
/// [`Error::NoIsolation`] when this machine cannot keep it from the network and it must be kept.
pub fn run(file: &Path, line: &[OsString]) -> Result<Infallible, Error> {
    let wanted: Confinement = records::read_record(file)?.ok_or_else(|| {
        Error::file("read", file)(std::io::Error::from(std::io::ErrorKind::NotFound))
    })?;
    let here = std::env::current_dir().map_err(Error::file("find", Path::new(".")))?;
    let mut report =
        fs::File::create(&wanted.report).map_err(Error::file("create", &wanted.report))?;
    let mut lacks: Vec<&'static str> = Vec::new();
    for group in &wanted.groups {
        if fs::write(group.join("cgroup.procs"), "0").is_err() {
            lacks.push("memory of the template");
        }
    }
    limit(&wanted)?;
    let viewed = part(&wanted, &here, &mut lacks)?;
    if wanted.network.strict && !wanted.network.reach.is_open() && !viewed.network {
        return Err(Error::NoIsolation);
    }
    if !user::drop_rights(wanted.user) {
        lacks.push("user");
    }
    if wanted.tied {
        let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
    }
    wall_in(&wanted, viewed, &mut lacks);
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
    let mut command = Command::new(program);
    command.args(arguments);
    if !viewed.files {
        // What it would see as `/tmp` is where it is.
        command.env("TMPDIR", &wanted.temporary);
    }
    let source = command.exec();
    Err(Error::Start {
        program: program.to_string_lossy().into_owned(),
        source,
    })
}

/// What of its own a process has got.
#[derive(Debug, Clone, Copy)]
struct Own {
    files: bool,
    network: bool,
}

/// Takes namespaces: files, network, and the way from it to the server.
fn part(wanted: &Confinement, here: &Path, lacks: &mut Vec<&'static str>) -> Result<Own, Error> {
    // The server's folder is hidden afterwards.
    let server = wanted.passage.as_ref().map(Passage::connect);
    let apart = user::part(!wanted.network.reach.is_open());
    let files = apart.files && files::arrange(wanted).is_ok();
    if files {
        nix::unistd::chdir(here).map_err(Error::system("enter the code folder"))?;
    }
    let network = match wanted.network.reach {
        Network::Open | Network::None => apart.network,
        Network::Loopback => apart.network && network::raise_loopback(),
    };
    if let (Some(passage), Some(server), true) = (&wanted.passage, server, network)
        && server
            .and_then(|server| passage.open(server, runtime_api(wanted)))
            .is_err()
    {
        lacks.push("the way from its own loopback to this installation");
    }
    Ok(Own { files, network })
}

/// The port of the Runtime API that this process's program speaks, if it does: the server says it
/// by this variable to programs of that kind, and only what it says to these is from itself.
fn runtime_api(wanted: &Confinement) -> Option<u16> {
    if !wanted.tied {
        return None;
    }
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").ok()?;
    address.rsplit_once(':')?.1.parse().ok()
}

/// Landlock and seccomp; then tells what neither they nor namespaces do.
fn wall_in(wanted: &Confinement, own: Own, lacks: &mut Vec<&'static str>) {
    let needs_network = !wanted.network.reach.is_open() && !own.network;
    let enforced = landlock::restrict(
        wanted,
        landlock::Wanted {
            // The worker of instances with a view goes on to mount; see there.
            files: wanted.tied || !own.files,
            viewed: own.files,
            network: needs_network,
        },
    );
    match (own.files, enforced.files) {
        (true, _) => {}
        (false, true) => lacks.push("files by mounts (Landlock stands in)"),
        (false, false) => lacks.push("files"),
    }
    match (needs_network, enforced.network) {
        (false, _) => {}
        (true, true) => lacks.push("network but for TCP"),
        (true, false) => lacks.push("network"),
    }
    if !enforced.scope {
        lacks.push("signals and abstract sockets");
    }
    let mounts = if wanted.tied || !own.files {
        system_calls::Mounts::Never
    } else {
        system_calls::Mounts::Own
    };
    if !system_calls::forbid(mounts) {
        lacks.push("system calls");
    }
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
