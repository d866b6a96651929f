//! An interpreter that starts once and is forked for each job that is like the one before, so that
//! none of these starts one: a fork takes a third of the processor time of Python's own start.
//!
//! It is asked for a fork by the server. The fork becomes a supervisor and has a child, the
//! interpreter of the job (`python/job/sitecustomize.py`), so that the supervisor fetches it as it
//! would any other first process of user code. The template is nobody's parent that matters: when
//! it is killed, all that it forked goes on.
//!
//! A template has run nothing but Python's own start, and has one thread. What its forks have in
//! common is what a start would have made anew: the seed of `hash()` for text, and addresses. What
//! Python made until then is kept from the forks' garbage collections.

use super::{Ahead, Like, installed};
use crate::supervisor::{SMALL, limits::sweep, spare};
use crate::{Error, Layout, Surroundings};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{dup, dup2_stderr, dup2_stdout};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::IntoRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// What a template is started as; told by it, and to each supervisor that is forked from it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Template {
    pub(in crate::supervisor) ahead: Ahead,
    /// The folder of further packages that it began with; there is no such folder.
    pub(in crate::supervisor) before: String,
}

impl Template {
    /// Reads what a template tells first of itself, the length of a record and the record. Then it
    /// tells `w` once it can be asked, and a point for each fork that has opened its streams.
    ///
    /// # Errors
    /// When there is less to read, as of one that could not be started, or something else.
    pub fn read(output: &mut impl Read) -> std::io::Result<Self> {
        let text = spare::framed(output)?;
        Ok(serde_json::from_slice(&text)?)
    }
}

/// What a supervisor is told that was forked from a template: before the ticket's folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Forked {
    /// The template.
    pub template: Template,
    /// Variables of the server, which a template does not have.
    pub variables: BTreeMap<String, String>,
}

/// Becomes a template for jobs that are like one; comes back when that fails or cannot be.
pub(in crate::supervisor) fn become_template(
    like: &Like,
    surroundings: &Surroundings,
) -> Result<Infallible, Error> {
    // Forks leave it to this: each would look at all the others.
    sweep();
    let tickets = like.folder.parent().unwrap_or(Path::new("/"));
    let layout = Layout::new(tickets.join(format!("~{}.ahead", nix::unistd::getpid())));
    let ahead = Ahead::of(&like.launch, &layout, surroundings).filter(|_| can_part());
    let ahead = ahead.ok_or(Error::NoIsolation)?;
    // Not closed by the program, unlike what the standard library opens.
    let requests = dup(std::io::stdin()).map_err(kept)?;
    let answers = dup(std::io::stdout()).map_err(kept)?;
    let program = File::open(&surroundings.program);
    let program = program.map_err(Error::file("open", &surroundings.program))?;
    let program = dup(&program).map_err(kept)?;
    let template = Template {
        before: installed(&layout.temporary()),
        ahead,
    };
    let said = File::from(
        answers
            .try_clone()
            .map_err(Error::file("keep", Path::new("/dev/stdout")))?,
    )
    .write_all(&spare::frame(serde_json::to_vec(&template).ok()));
    said.map_err(Error::file("write to", Path::new("/dev/stdout")))?;
    spare::close_input()?;
    // Of the same kind as a job's.
    let (_, streams) = std::io::pipe().map_err(Error::file("make", Path::new("a pipe")))?;
    dup2_stdout(&streams).map_err(kept)?;
    dup2_stderr(&streams).map_err(kept)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(Error::system("forbid core files"))?;
    nix::sys::signal::SigSet::empty()
        .thread_set_mask()
        .map_err(Error::system("unblock signals"))?;
    let descriptors = [requests, answers, program].map(IntoRawFd::into_raw_fd);
    let [requests, answers, program] = descriptors;
    let (name, value) = SMALL;
    let word = format!("{requests}:{answers}:{program}:{name}={value}");
    // What this machine has as `/opt/ml` is not the job's.
    let variables = template.ahead.variables(&[&template.before], word);
    let ahead = template.ahead;
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

fn kept(source: nix::Error) -> Error {
    Error::System {
        action: "keep a descriptor",
        source,
    }
}

/// Whether a mount namespace alone can be had, which an interpreter that runs can enter. A thread
/// tries it, so that this process stays where it is.
fn can_part() -> bool {
    let tried = std::thread::spawn(|| unshare(CloneFlags::CLONE_NEWNS).is_ok());
    tried.join().unwrap_or(false)
}
