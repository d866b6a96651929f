//! An interpreter that is started before there is a ticket for it, where jobs come that look like
//! the one before: half of the time that a short job takes is Python's own start.
//!
//! It is started as the job's would be, by the entering stage, in the job's mount namespace, with
//! its command line and with those variables that are read while an interpreter starts. What it
//! sees as `/opt/ml` is a folder that is moved into the ticket's when that is known. Then it waits,
//! as the last thing before the script (`python/job/sitecustomize.py`), for the rest: variables and
//! folders. Where the job turns out to differ in anything that an interpreter would have noticed
//! before its script, this one is ended and the job is started in the ordinary way.

mod alike;
mod template;
mod told;

pub(super) use template::become_template;
pub use template::{Forked, Template};

use super::enter::{self, Entry};
use super::{namespace, spare};
use crate::environments::Environments;
use crate::launch::Launch;
use crate::scripts::{self, BASE, Places, inherited};
use crate::{Error, Layout, Surroundings, files};
use alike::{is_plain, read_at_start};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// What a waiting supervisor is told of the job before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Like {
    /// The job's folder; others of tickets lie beside it.
    pub folder: PathBuf,
    /// What it ran.
    pub launch: Launch,
}

/// What is started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ahead {
    /// The supervisor.
    pub(super) supervisor: i32,
    /// The environment's interpreter.
    pub(super) python: PathBuf,
    /// Interpreter, script and arguments.
    pub(super) line: Vec<String>,
    /// Variables that it starts with.
    pub(super) variables: BTreeMap<String, String>,
}

/// The folder of one that waits, with what it will see as `/opt/ml`. Removed when it is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    ahead: Ahead,
    layout: Layout,
    /// Its input, on which it also says how far it is.
    link: UnixStream,
}

/// Said by the entering stage: it sees the folder as `/opt/ml`, which can be moved from now on.
const ENTERED: u8 = b'e';
/// Said by the interpreter: it waits for its job.
const WAITS: u8 = b'w';
/// For either to be said; after that the job is started in the ordinary way.
const PATIENCE: Duration = Duration::from_secs(2);

/// Names of the variable that names the descriptors, and of the hook's folder in an environment.
const WORD: &str = "TRADEWIND_AHEAD";
const FOLDER: &str = "tradewind-ahead";

const HOOK: &str = include_str!("../../../../../python/job/sitecustomize.py");

impl Ahead {
    /// What another job like this one would be started as; `None` where it cannot be known.
    fn of(launch: &Launch, layout: &Layout, surroundings: &Surroundings) -> Option<Self> {
        if !is_plain(launch) {
            return None;
        }
        let environments = Environments::new(launch.data.clone(), surroundings.clone());
        let environment = environments.find(&launch.environment).ok()??;
        // Files that packages leave for every start of an interpreter may look at anything.
        let packages = fs::read_dir(environment.packages()?).ok()?;
        let is_hook = |path: &Path| path.extension().is_some_and(|ending| ending == "pth");
        if packages.flatten().any(|entry| is_hook(&entry.path())) {
            return None;
        }
        let hook = environment.folder.join(FOLDER).join("sitecustomize.py");
        // Another version of this binary may have left another one.
        if fs::read(&hook).ok().as_deref() != Some(HOOK.as_bytes()) {
            write_hook(&hook, &environment.python)?;
        }
        let places = Places {
            base: BASE.into(),
            temporary: layout.temporary(),
            python: environment.python.clone(),
        };
        let outside = inherited(&surroundings.variables);
        let path = enter::path(&environment.python, &surroundings.search_path());
        let variables = enter::variables(outside, path, launch, &places, layout).ok()?;
        Some(Self {
            supervisor: nix::unistd::getpid().as_raw(),
            line: scripts::command_line(launch, &places).ok()?,
            variables: read_at_start(&variables),
            python: environment.python,
        })
    }

    /// The variables of the started interpreter, which finds the hook before all else, looks for
    /// modules in further folders, and is told where it waits.
    fn variables(&self, further: &[&str], word: String) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        let environment = self.python.parent().and_then(Path::parent);
        let hook = environment.unwrap_or(Path::new("/")).join(FOLDER);
        let hook = hook.display().to_string();
        let path = std::iter::once(hook.as_str()).chain(further.iter().copied());
        let path = path.collect::<Vec<&str>>().join(":");
        variables.insert("PYTHONPATH".to_owned(), path);
        variables.insert(WORD.to_owned(), word);
        variables
    }
}

/// Writes the hook into an environment and compiles it: where it is imported the environment cannot
/// be written to.
fn write_hook(hook: &Path, python: &Path) -> Option<()> {
    files::create_folder(hook.parent()?).ok()?;
    files::write_atomically(hook, HOOK.as_bytes()).ok()?;
    let compile = "import py_compile, sys; py_compile.compile(sys.argv[1])";
    // That it fails costs each start the time to compile it.
    let _ = Command::new(python)
        .args(["-I", "-c", compile])
        .arg(hook)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    Some(())
}

fn installed(temporary: &Path) -> String {
    temporary.join("installed").display().to_string()
}

/// Where an entering stage finds what it is to start.
pub(super) fn record(layout: &Layout) -> PathBuf {
    layout.folder().join("ahead.json")
}

impl Waiting {
    /// Makes the folder for an interpreter like that of the job before, and its input.
    pub(super) fn like(like: &Like, surroundings: &Surroundings) -> Option<(Self, Stdio)> {
        // A process that is gone is the sign that whoever lists tickets may remove its folder.
        let name = format!("~{}.ahead", nix::unistd::getpid());
        let layout = Layout::new(like.folder.parent()?.join(name));
        let ahead = Ahead::of(&like.launch, &layout, surroundings)?;
        let (link, input) = UnixStream::pair().ok()?;
        link.set_read_timeout(Some(PATIENCE)).ok()?;
        let waiting = Self {
            ahead,
            layout,
            link,
        };
        files::create_folder(&waiting.layout.base()).ok()?;
        files::write_record(&record(&waiting.layout), &waiting.ahead).ok()?;
        Some((waiting, Stdio::from(OwnedFd::from(input))))
    }

    fn hears(&self, word: u8) -> bool {
        let mut heard = [0];
        (&self.link).read_exact(&mut heard).is_ok() && heard == [word]
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        self.layout.folder()
    }

    /// Gives what is seen as `/opt/ml` to a ticket that has none yet; false when it cannot be.
    pub(super) fn move_to(&self, layout: &Layout) -> bool {
        self.hears(ENTERED)
            && !layout.base().exists()
            && fs::rename(self.layout.base(), layout.base()).is_ok()
    }

    /// Tells the interpreter its job; false when it is not there.
    pub(super) fn tell(&self, message: &[u8]) -> bool {
        self.hears(WAITS)
            && (&self.link).write_all(message).is_ok()
            && self.link.shutdown(Shutdown::Write).is_ok()
    }

    /// What the interpreter is told of a ticket; `None` when it is not started as the ticket's own
    /// would be.
    pub(super) fn message(
        &self,
        launch: &Launch,
        layout: &Layout,
        entry: &Entry,
    ) -> Option<Vec<u8>> {
        let before = installed(&self.layout.temporary());
        self.ahead.message((&before, ""), launch, layout, entry)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = files::remove_folder(self.layout.folder());
    }
}

/// For the entering stage: enters the view and becomes the interpreter that waits.
pub(super) fn become_interpreter(folder: &Path) -> Result<std::convert::Infallible, Error> {
    let layout = Layout::new(folder);
    let ahead: Ahead = enter::read(&record(&layout))?;
    enter::tie_to_supervisor(ahead.supervisor)?;
    if !namespace::enter(&layout) {
        return Err(Error::NoIsolation);
    }
    if let Some(environment) = ahead.python.parent().and_then(Path::parent) {
        namespace::protect(environment);
    }
    enter::limit_always()?;
    // Not closed by the program, unlike what the standard library opens.
    let input = nix::unistd::dup(std::io::stdin()).map_err(Error::system("keep the input"))?;
    let mut link = UnixStream::from(input);
    spare::close_input()?;
    let said = link.write_all(&[ENTERED]);
    said.map_err(Error::file("write to", Path::new("/dev/stdin")))?;
    nix::sys::signal::SigSet::empty()
        .thread_set_mask()
        .map_err(Error::system("unblock signals"))?;
    let code = format!("{BASE}/code");
    let further = [code.as_str(), &installed(&layout.temporary())];
    let variables = ahead.variables(&further, link.into_raw_fd().to_string());
    let source = Command::new(&ahead.line[0])
        .args(&ahead.line[1..])
        .env_clear()
        .envs(variables)
        .current_dir("/")
        .exec();
    Err(Error::Start {
        program: ahead.line[0].clone(),
        source,
    })
}
