//! The short stage between the supervisor and user code: the same binary, about to become the
//! user's program. Whatever a process can only do to itself is done here.

use super::ahead;
use super::namespace;
use super::remains::MARK;
use super::spare;
use crate::launch::{Launch, Part};
use crate::scripts::{self, Places};
use crate::{Error, Layout, files};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{Pid, getpid, getppid, setsid};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What the supervisor tells this stage, beside the launch.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The supervisor, to notice that it died before this stage could ask for a signal.
    pub(super) supervisor: i32,
    /// The environment's interpreter.
    pub(super) python: PathBuf,
    /// Control groups to become a member of.
    pub(super) groups: Vec<PathBuf>,
    /// Variables that are passed on from outside.
    pub(super) inherited: BTreeMap<String, String>,
    /// Folders to look for programs in, after the environment's.
    pub(super) search_path: Vec<PathBuf>,
    /// Bytes that a file may have.
    pub(super) largest_file: Option<u64>,
    /// Bytes of private memory that a process may map.
    pub(super) largest_process: Option<u64>,
    /// Processes and threads that this user may have in all.
    pub(super) most_processes: Option<u64>,
    /// Number of CPUs to keep to where no group limits them.
    pub(super) processors: Option<u32>,
}

impl Entry {
    /// Whether nothing is left that only the process itself can limit.
    pub(super) fn is_unlimited(&self) -> bool {
        self.largest_file.is_none()
            && self.largest_process.is_none()
            && self.most_processes.is_none()
            && self.processors.is_none()
    }
}

/// Becomes the user's program. Comes back only when that fails; the reason is left in the folder.
pub(super) fn enter(folder: &Path) -> ExitCode {
    let layout = Layout::new(folder);
    let Err(error) = read(&layout.entry())
        .and_then(|entry: Entry| tie_to_supervisor(entry.supervisor).map(|()| entry))
        .and_then(|entry| become_the_program(&layout, &entry));
    refuse(&layout, &error)
}

/// The same once the folder is told; ends without a trace when nobody tells one.
pub(super) fn wait_and_enter() -> ExitCode {
    let folder = match spare::told_to_enter() {
        Ok(Some(folder)) => folder,
        Ok(None) => return ExitCode::SUCCESS,
        Err(_) => return ExitCode::from(126),
    };
    let layout = Layout::new(folder);
    let Err(error) = read(&layout.entry()).and_then(|entry| become_the_program(&layout, &entry));
    refuse(&layout, &error)
}

/// Becomes an interpreter that waits for its job; comes back only when that fails, and then the job
/// is started in the ordinary way.
pub(super) fn become_waiting(folder: &Path) -> ExitCode {
    let Err(_) = ahead::become_interpreter(folder);
    ExitCode::from(126)
}

fn refuse(layout: &Layout, error: &Error) -> ExitCode {
    let _ = files::write_atomically(&layout.refusal(), error.to_string().as_bytes());
    ExitCode::from(126)
}

fn become_the_program(layout: &Layout, entry: &Entry) -> Result<std::convert::Infallible, Error> {
    let launch: Launch = read(&layout.launch())?;
    for group in &entry.groups {
        let members = group.join("cgroup.procs");
        fs::write(&members, "0").map_err(Error::file("join", &members))?;
    }
    if let Some(holder) = launch.shared_network
        && !namespace::join_network(holder)
    {
        return Err(Error::NoIsolation);
    }
    let base = if namespace::enter(layout) {
        if let Some(environment) = entry.python.parent().and_then(Path::parent) {
            namespace::protect(environment);
        }
        if launch.part == Part::Host {
            namespace::name_hosts(layout, &launch.machine);
        }
        PathBuf::from(scripts::BASE)
    } else {
        layout.base()
    };
    let parts = !launch.network.is_open() && launch.shared_network.is_none();
    if parts && !namespace::isolate() {
        return Err(Error::NoIsolation);
    }
    limit(entry)?;
    let places = Places {
        base,
        temporary: layout.temporary(),
        python: entry.python.clone(),
    };
    let line = scripts::command_line(&launch, &places)?;
    let outside = entry.inherited.clone();
    let path = path(&entry.python, &entry.search_path);
    let variables = variables(outside, path, &launch, &places, layout)?;
    let code = places.code();
    nix::unistd::chdir(&code).map_err(Error::system("enter the code folder"))?;
    SigSet::empty()
        .thread_set_mask()
        .map_err(Error::system("unblock signals"))?;
    let source = Command::new(&line[0])
        .args(&line[1..])
        .env_clear()
        .envs(variables)
        .exec();
    Err(Error::Start {
        program: line[0].clone(),
        source,
    })
}

/// The variables of user code.
pub(super) fn variables(
    inherited: BTreeMap<String, String>,
    path: String,
    launch: &Launch,
    places: &Places,
    layout: &Layout,
) -> Result<BTreeMap<String, String>, Error> {
    let mut variables = inherited;
    variables.insert("PATH".to_owned(), path);
    variables.extend(scripts::variables(launch, places)?);
    variables.insert(MARK.to_owned(), layout.mark());
    Ok(variables)
}

pub(super) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    files::read_record(path)?.ok_or_else(|| {
        Error::file("read", path)(std::io::Error::from(std::io::ErrorKind::NotFound))
    })
}

/// A session of its own, and death when the supervisor dies: without it nobody would record how
/// this ends.
pub(super) fn tie_to_supervisor(supervisor: i32) -> Result<(), Error> {
    set_pdeathsig(Signal::SIGKILL).map_err(Error::system("follow the supervisor"))?;
    if getppid() != Pid::from_raw(supervisor) {
        return Err(Error::System {
            action: "follow the supervisor",
            source: nix::Error::ESRCH,
        });
    }
    setsid().map_err(Error::system("begin a session"))?;
    Ok(())
}

/// What limits user code whatever its launch says.
pub(super) fn limit_always() -> Result<(), Error> {
    // When the machine itself runs out of memory, this goes before the server does. Raising it is
    // always allowed (proc(5)).
    let _ = fs::write("/proc/self/oom_score_adj", "500");
    // A core file of user code would be of no use to anybody and may be as large as its memory.
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(Error::system("forbid core files"))
}

fn limit(entry: &Entry) -> Result<(), Error> {
    limit_always()?;
    if let Some(bytes) = entry.largest_file {
        setrlimit(Resource::RLIMIT_FSIZE, bytes, bytes).map_err(Error::system("limit files"))?;
    }
    if let Some(bytes) = entry.largest_process {
        setrlimit(Resource::RLIMIT_DATA, bytes, bytes).map_err(Error::system("limit memory"))?;
    }
    if let Some(most) = entry.most_processes {
        setrlimit(Resource::RLIMIT_NPROC, most, most).map_err(Error::system("limit processes"))?;
    }
    if let Some(processors) = entry.processors {
        keep_to(processors as usize).map_err(Error::system("keep to some CPUs"))?;
    }
    Ok(())
}

/// Keeps to so many of the CPUs that are allowed; which ones depends on the process' number, so
/// that several jobs do not meet on the same.
fn keep_to(processors: usize) -> nix::Result<()> {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this)?;
    let all: Vec<usize> = (0..CpuSet::count())
        .filter(|cpu| allowed.is_set(*cpu).unwrap_or(false))
        .collect();
    if processors >= all.len() {
        return Ok(());
    }
    let first = getpid().as_raw() as usize % all.len();
    let mut chosen = CpuSet::new();
    for cpu in all.iter().cycle().skip(first).take(processors.max(1)) {
        chosen.set(*cpu)?;
    }
    sched_setaffinity(this, &chosen)
}

/// Where programs are looked for: in the environment first.
pub(super) fn path(python: &Path, search_path: &[PathBuf]) -> String {
    let own = python.parent().map(Path::to_owned);
    let mut folders: Vec<String> = own
        .iter()
        .chain(search_path)
        .map(|folder| folder.to_string_lossy().into_owned())
        .collect();
    if search_path.is_empty() {
        folders.extend(["/usr/local/bin", "/usr/bin", "/bin"].map(str::to_owned));
    }
    folders.join(":")
}
