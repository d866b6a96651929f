//! A supervisor that is started before there is a ticket for it, so that a job does not wait for
//! what is the same for every job: two programs to be started and control groups to be joined.
//!
//! It waits for the ticket's folder on its standard input, and its entering stage waits for the
//! same on its own, or is an interpreter already ([`super::ahead`]). When whoever started it goes
//! away instead, it ends.

use super::ahead::{Like, Waiting};
use super::enter::Entry;
use super::forked::Fork;
use super::limits::{Groups, sweep};
use super::started::Started;
use crate::launch::Launch;
use crate::process::Identity;
use crate::{Error, Layout, Surroundings};
use nix::sys::signal::Signal;
use nix::unistd::{dup2_stderr, dup2_stdin, getpid};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};

/// Bytes of a folder's path at most (`PATH_MAX`, limits.h).
const LONGEST: u64 = 4096;

/// A process that waits, and the groups that it is a member of.
pub(super) struct Spare {
    child: Option<Started>,
    groups: Option<Groups>,
    kind: Kind,
}

/// What the process is.
enum Kind {
    /// An entering stage, which is told a folder.
    Stage(Option<ChildStdin>),
    /// An interpreter that was started by one.
    Interpreter(Waiting),
    /// A fork of one; told once.
    Fork(Option<Fork>),
}

impl Spare {
    fn start(surroundings: &Surroundings, like: Option<&Like>) -> Option<Self> {
        sweep();
        let waiting = like.and_then(|like| Waiting::like(like, surroundings));
        let (waiting, input) = match waiting {
            Some((waiting, input)) => (Some(waiting), input),
            None => (None, Stdio::piped()),
        };
        let mut command = Command::new(&surroundings.program);
        command.args(["supervise", "--enter"]);
        if let Some(waiting) = &waiting {
            command.arg("--ahead").arg(waiting.folder());
        }
        let mut child = command
            .env_clear()
            .env(super::SMALL.0, super::SMALL.1)
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        // Its end of the input is now its own alone, so that its end is heard.
        drop(command);
        let kind = match waiting {
            Some(waiting) => Kind::Interpreter(waiting),
            None => Kind::Stage(child.stdin.take()),
        };
        Self::grouped(child.into(), kind)
    }

    /// A fork of a template.
    pub(super) fn forked(child: Started, fork: Fork) -> Option<Self> {
        Self::grouped(child, Kind::Fork(Some(fork)))
    }

    /// Makes the process a member of groups; `None` when that cannot be, and then it has ended.
    fn grouped(child: Started, kind: Kind) -> Option<Self> {
        let pid = child.pid.as_raw();
        let groups = Identity::of(getpid().as_raw()).and_then(|this| Groups::ahead(&this));
        let spare = Self {
            child: Some(child),
            groups,
            kind,
        };
        let is_member = |groups: &Groups| groups.adopt(pid);
        // One that is dropped has ended.
        spare.groups.as_ref().is_none_or(is_member).then_some(spare)
    }

    /// The folders of the groups.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        self.groups
            .as_ref()
            .map(Groups::folders)
            .unwrap_or_default()
    }

    /// The groups, for whoever will remove them.
    pub(super) fn take_groups(&mut self) -> Option<Groups> {
        self.groups.take()
    }

    /// Whether it is an interpreter already, which reads no entry.
    pub(super) fn is_interpreter(&self) -> bool {
        !matches!(self.kind, Kind::Stage(_))
    }

    /// Gives a ticket the folder that a waiting interpreter sees as its own. Where that cannot be,
    /// there is no use for the interpreter.
    pub(super) fn move_to(&mut self, layout: &Layout) {
        if let Kind::Interpreter(waiting) = &self.kind
            && !waiting.move_to(layout)
        {
            self.end_child();
        }
    }

    /// Lets the stage enter a ticket's folder, or its interpreter run the ticket's script; `None`
    /// when it is no longer there to do it, or was started for another kind of job.
    pub(super) fn enter(
        mut self,
        launch: &Launch,
        layout: &Layout,
        entry: &Entry,
    ) -> Option<Started> {
        let child = self.child.take()?;
        let joins = || is_member(&child, &entry.groups);
        let told = match &mut self.kind {
            Kind::Stage(input) => input.take().is_some_and(|mut input| {
                let folder = layout.folder().as_os_str().as_bytes();
                input.write_all(folder).is_ok()
            }),
            Kind::Interpreter(waiting) => waiting
                .message(launch, layout, entry)
                .filter(|_| joins())
                .is_some_and(|message| waiting.tell(&message)),
            Kind::Fork(fork) => fork
                .take()
                .is_some_and(|fork| joins() && fork.tell(launch, layout, entry)),
        };
        if !told {
            child.end();
            return None;
        }
        Some(child)
    }

    fn end_child(&mut self) {
        if let Some(child) = self.child.take() {
            child.end();
        }
    }

    fn end(&mut self) {
        self.end_child();
        if let Some(groups) = self.groups.take() {
            groups.remove();
        }
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits for a ticket and supervises it; ends well without one when nobody will bring any.
pub(super) fn wait(surroundings: &Surroundings) -> Result<(), Error> {
    // A session of its own from the start: what stops the server's group leaves it alone.
    let _ = nix::unistd::setsid();
    let Ok(like) = introduced() else {
        return Ok(());
    };
    wait_with(surroundings, Spare::start(surroundings, like.as_ref()))
}

/// The same with what is ready.
pub(super) fn wait_with(surroundings: &Surroundings, spare: Option<Spare>) -> Result<(), Error> {
    let Some(folder) = told() else { return Ok(()) };
    keep_log(&folder)?;
    super::supervise_with(&folder, surroundings, spare)
}

/// Makes a process a member of further groups.
fn is_member(child: &Started, groups: &[PathBuf]) -> bool {
    let number = child.pid.to_string();
    let mut members = groups.iter().map(|group| group.join("cgroup.procs"));
    members.all(|members| std::fs::write(members, &number).is_ok())
}

/// Bytes of an introduction at most: it is written before anybody reads it, so a pipe must hold it
/// (pipe(7)).
const LONGEST_INTRODUCTION: usize = 60 << 10;

/// What a waiting supervisor is told first: what the job before was like, if the next is expected
/// to be like it ([`super::Like`]), or what it was forked from ([`super::Forked`]).
pub fn introduction<T: Serialize>(of: Option<&T>) -> Vec<u8> {
    frame(of.and_then(|of| serde_json::to_vec(of).ok()))
}

/// A record with its length before it; an empty one where it is too long.
pub(super) fn frame(text: Option<Vec<u8>>) -> Vec<u8> {
    let text = text.filter(|text| text.len() <= LONGEST_INTRODUCTION);
    let text = text.unwrap_or_default();
    let mut frame = (text.len() as u32).to_be_bytes().to_vec();
    frame.extend(text);
    frame
}

/// Reads a record with its length before it.
pub(super) fn framed(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = (u32::from_be_bytes(length) as usize).min(LONGEST_INTRODUCTION);
    let mut text = vec![0; length];
    input.read_exact(&mut text)?;
    Ok(text)
}

/// Reads an introduction; fails when whoever started this process is gone.
pub(super) fn introduced<T: DeserializeOwned>() -> io::Result<Option<T>> {
    let text = framed(&mut io::stdin())?;
    Ok(serde_json::from_slice(&text).ok())
}

/// What whoever started this process tells it: a folder, by its path up to the end of input.
pub(super) fn told() -> Option<PathBuf> {
    let mut path = Vec::new();
    io::stdin().take(LONGEST).read_to_end(&mut path).ok()?;
    (!path.is_empty()).then(|| PathBuf::from(OsString::from_vec(path)))
}

/// Standard error becomes the supervisor's log, as whoever starts one with a ticket arranges it.
fn keep_log(folder: &Path) -> Result<(), Error> {
    let path = folder.join(super::LOG);
    let log = File::options().create(true).append(true).open(&path);
    let log = log.map_err(Error::file("open", &path))?;
    dup2_stderr(&log).map_err(Error::system("write the log"))
}

/// For the entering stage: waits for its folder, dies with its supervisor, and leaves user code
/// nothing to read.
pub(super) fn told_to_enter() -> Result<Option<PathBuf>, Error> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)
        .map_err(Error::system("follow the supervisor"))?;
    // When the supervisor was gone before that, so is the other end of the input.
    nix::unistd::setsid().map_err(Error::system("begin a session"))?;
    let Some(folder) = told() else {
        return Ok(None);
    };
    close_input()?;
    Ok(Some(folder))
}

/// Leaves nothing to be read on standard input.
pub(super) fn close_input() -> Result<(), Error> {
    let nothing = Path::new("/dev/null");
    let file = File::open(nothing).map_err(Error::file("open", nothing))?;
    dup2_stdin(&file).map_err(Error::system("close the input"))
}
