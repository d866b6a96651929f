//! The small process that runs one ticket: it prepares, starts, watches, limits, stops and records
//! user code, and needs nobody else to be alive meanwhile.
//!
//! It runs in a session of its own, so that what kills the server leaves it alone, and it is the
//! reaper of all that descends from it, so that nothing of the job escapes. User code is started
//! through a second, short stage ([`enter`]) that becomes a member of the job's control groups and
//! mount namespace before it turns into the user's program.

mod ahead;
pub(crate) mod checkpoints;
mod collect;
mod context;
mod ending;
mod enter;
mod forked;
mod gang;
mod hearing;
pub(crate) mod limits;
mod namespace;
mod pipes;
mod preparation;
mod remains;
mod run;
mod spare;
mod staging;
mod started;
mod tree;
mod usage;

pub use ahead::{Forked, Like, Template};
pub use checkpoints::{Checkpoint, checkpoints};
pub use remains::{clear, request_stop};
pub use spare::introduction;

use crate::launch::Part;
use crate::record::{ExitRecord, Stage, Status};
use crate::{Error, Layout, Surroundings, files};
use context::Context;
use domain::job::{Ending, Exit, Failure, FailureKind};
use nix::sys::signal::SigSet;
use spare::Spare;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

/// The supervisor's own log in a ticket's folder.
pub const LOG: &str = "supervisor.log";

/// The argument of a supervisor that waits for its ticket. On standard input it is told an
/// [`introduction`] and then the folder's path.
pub const SPARE: &str = "--spare";

/// The argument of a template, from which supervisors and the interpreters of their jobs are forked.
/// On standard input it is told an [`introduction`] and then, each time that a fork is wanted and
/// the one before has been answered, a line: the number of the asking process and of the
/// descriptors of two pipes in it, which become the fork's standard input and output. What it tells
/// see [`Template::read`].
pub const TEMPLATE: &str = "--template";

/// A variable for processes of this binary that live as long as one job: its allocator (mimalloc)
/// then takes memory as it is needed, and not a page of 2 MiB at first, which is cleared before it
/// can be used. User code does not see it.
pub const SMALL: (&str, &str) = ("MIMALLOC_ARENA_EAGER_COMMIT", "0");

/// The exit code of a supervisor whose ticket another one has.
pub const TAKEN: u8 = 75;
/// What such a supervisor tells on standard output. One that has its ticket tells a point each time
/// that something has changed.
pub const TAKEN_HINT: u8 = b't';
/// What a supervisor tells last, when its ticket's end is recorded.
pub const END_HINT: u8 = b'e';

/// Answers the hidden command of a binary: `<folder>` supervises a ticket, [`SPARE`] waits for one
/// first, [`TEMPLATE`] becomes an interpreter to be forked and `--forked <numbers>` is a supervisor
/// that was, `--enter <folder>` is the stage between supervisor and user code (which without a folder
/// waits for it likewise, and with `--ahead` becomes an interpreter that waits), `--host <folder>`
/// supervises a host of a gang, `--network` holds a gang's network, `--plain <program> <arguments>`
/// runs a program with no signal blocked, and `--confined <file> <program> <arguments>` one inside a
/// [`crate::confinement::Confinement`]. To be called before any thread is started.
pub fn command(arguments: &[OsString], surroundings: &Surroundings) -> ExitCode {
    let words: Vec<&str> = arguments.iter().filter_map(|word| word.to_str()).collect();
    match words.as_slice() {
        ["--plain", _, ..] => plain(&arguments[1], &arguments[2..]),
        ["--confined", file, _, ..] => {
            let Err(error) = crate::confinement::run(Path::new(file), &arguments[2..]);
            report(&error);
            ExitCode::from(126)
        }
        [gang::HOLD] => hold_network(),
        ["--host", folder] => {
            // A gang's hosts end with whom they are heard by.
            let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
            answer(supervise(Path::new(folder), surroundings))
        }
        ["--enter", folder] => enter::enter(Path::new(folder)),
        ["--enter"] => enter::wait_and_enter(),
        ["--enter", "--ahead", folder] => enter::become_waiting(Path::new(folder)),
        [SPARE] => answer(spare::wait(surroundings)),
        [TEMPLATE] => template(surroundings),
        [forked::FORKED, numbers @ ..] => answer(forked::wait(numbers, surroundings)),
        [folder] => answer(supervise(Path::new(folder), surroundings)),
        _ => ExitCode::FAILURE,
    }
}

fn answer(supervised: Result<(), Error>) -> ExitCode {
    match supervised {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ Error::AlreadySupervised(_)) => {
            report(&error);
            context::hint(TAKEN_HINT);
            ExitCode::from(TAKEN)
        }
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

fn template(surroundings: &Surroundings) -> ExitCode {
    // Why there is none is nobody's concern: jobs are started in the ordinary way.
    if let Ok(Some(like)) = spare::introduced() {
        let Err(_) = ahead::become_template(&like, surroundings);
    }
    ExitCode::from(126)
}

/// The supervisor has nobody to answer to but its own log, which is its standard error.
#[expect(
    clippy::print_stderr,
    reason = "standard error is the supervisor's own log"
)]
fn report(error: &Error) {
    eprintln!("{error}");
}

fn plain(program: &OsString, arguments: &[OsString]) -> ExitCode {
    let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
    let _ = SigSet::empty().thread_set_mask();
    let source = Command::new(program).args(arguments).exec();
    report(&Error::Start {
        program: program.to_string_lossy().into_owned(),
        source,
    });
    ExitCode::from(127)
}

/// Holds a network without anything in it until its standard input ends.
fn hold_network() -> ExitCode {
    let _ = nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
    if !namespace::isolate() {
        return ExitCode::FAILURE;
    }
    let mut out = std::io::stdout();
    let told = out.write_all(b"1").and_then(|()| out.flush());
    if told.is_err() {
        return ExitCode::FAILURE;
    }
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    ExitCode::SUCCESS
}

/// Runs the ticket whose folder this is to its end and records it. Returns at once when it has
/// ended already.
///
/// # Errors
/// [`Error::AlreadySupervised`] when another supervisor has it or had it and was killed: a ticket
/// is never started twice. Else what keeps even a failure from being recorded.
pub fn supervise(folder: &Path, surroundings: &Surroundings) -> Result<(), Error> {
    supervise_with(folder, surroundings, None)
}

fn supervise_with(
    folder: &Path,
    surroundings: &Surroundings,
    spare: Option<Spare>,
) -> Result<(), Error> {
    let layout = Layout::new(folder);
    let Some(_lock) = lock(&layout)? else {
        return Ok(());
    };
    // It fails only when this is a session of its own already.
    let _ = nix::unistd::setsid();
    let launch = match read_launch(&layout) {
        Ok(launch) => launch,
        Err(error) => return record_fault(&layout, surroundings, &error),
    };
    let mut spare = spare;
    if let Some(spare) = spare.as_mut().filter(|_| launch.part == Part::Whole) {
        spare.move_to(&layout);
    }
    let context = match Context::new(&layout, &launch, surroundings, spare) {
        Ok(context) => context,
        Err(error) => return record_fault(&layout, surroundings, &error),
    };
    let record = match launch.part {
        Part::Gang => gang::carry_out(&context),
        Part::Whole | Part::Host => context.carry_out(),
    };
    if let Ending::Failed { .. } = record.exit.ending {
        checkpoints::put_aside(&layout, &launch);
        make_room(&layout);
    }
    context.write_exit(&record)
}

/// What a failed attempt wrote is kept by nobody; on a full disk it is what keeps everybody else
/// from going on, the server's database among them.
fn make_room(layout: &Layout) {
    for folder in [layout.base(), layout.temporary()] {
        // Whatever cannot be removed now goes when the ticket is cleared away.
        let _ = fs::remove_dir_all(folder);
    }
}

/// Takes the ticket; `None` when it has ended.
fn lock(layout: &Layout) -> Result<Option<File>, Error> {
    let path = layout.lock();
    let lock = File::options().create(true).append(true).open(&path);
    let lock = lock.map_err(Error::file("create", &path))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(Error::AlreadySupervised(layout.folder().to_owned()));
        }
        Err(TryLockError::Error(error)) => return Err(Error::file("lock", &path)(error)),
    }
    if layout.exit().exists() {
        return Ok(None);
    }
    if layout.status().exists() {
        return Err(Error::AlreadySupervised(layout.folder().to_owned()));
    }
    Ok(Some(lock))
}

fn read_launch(layout: &Layout) -> Result<crate::Launch, Error> {
    let path = layout.launch();
    files::read_record(&path)?.ok_or_else(|| {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        Error::file("read", &path)(missing)
    })
}

/// A ticket that cannot even be read has failed all the same.
fn record_fault(layout: &Layout, surroundings: &Surroundings, error: &Error) -> Result<(), Error> {
    let failure = Failure {
        kind: FailureKind::Provider,
        message: error.to_string(),
        file: None,
        line: None,
        exit_code: None,
    };
    let record = ExitRecord::bare(Exit {
        ending: Ending::Failed { failure },
        started: None,
        ended: surroundings.now(),
        usage: domain::job::Usage::default(),
        warnings: Vec::new(),
    });
    files::write_record(&layout.exit(), &record)
}

/// A fresh status of this process.
fn status(stage: Stage, surroundings: &Surroundings) -> Result<Status, Error> {
    let pid = nix::unistd::getpid().as_raw();
    let supervisor = crate::process::Identity::of(pid).ok_or_else(|| Error::Invalid {
        what: "process number",
        text: pid.to_string(),
    })?;
    Ok(Status {
        stage,
        since: surroundings.now(),
        supervisor,
        process: None,
        started: None,
        groups: Vec::new(),
    })
}
