//! What a supervisor holds from its first to its last moment.

use super::spare::Spare;
use super::{END_HINT, preparation, run, status};
use crate::launch::Launch;
use crate::printed::{Log, Stream};
use crate::record::{ExitRecord, Stage, Status};
use crate::{Error, Layout, Surroundings, files};
use domain::Timestamp;
use domain::job::{Ending, Exit, Failure, FailureKind, Usage};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Given back when the disk is full; an exit record is a few kilobytes.
const RESERVE: usize = 64 << 10;

/// A supervisor's things.
pub(super) struct Context<'a> {
    pub(super) layout: &'a Layout,
    pub(super) launch: &'a Launch,
    pub(super) surroundings: &'a Surroundings,
    pub(super) signals: SignalFd,
    log: Mutex<Log>,
    status: RefCell<Status>,
    /// What was made ready before there was a ticket.
    spare: RefCell<Option<Spare>>,
}

/// What signals told since they were last read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// A child has ended.
    pub(super) child: bool,
    /// A stop is wanted.
    pub(super) stop: bool,
}

impl<'a> Context<'a> {
    /// Takes over signals and orphans, and begins the ticket's records.
    pub(super) fn new(
        layout: &'a Layout,
        launch: &'a Launch,
        surroundings: &'a Surroundings,
        spare: Option<Spare>,
    ) -> Result<Self, Error> {
        let mut mask = SigSet::empty();
        for signal in [
            Signal::SIGCHLD,
            Signal::SIGTERM,
            Signal::SIGINT,
            Signal::SIGHUP,
            Signal::SIGUSR1,
        ] {
            mask.add(signal);
        }
        mask.thread_block()
            .map_err(Error::system("block signals"))?;
        let flags = SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK;
        let signals = SignalFd::with_flags(&mask, flags);
        let signals = signals.map_err(Error::system("read signals"))?;
        nix::sys::prctl::set_child_subreaper(true).map_err(Error::system("adopt orphans"))?;
        let mut status = status(Stage::Environment, surroundings)?;
        status.groups = spare.as_ref().map(Spare::folders).unwrap_or_default();
        files::write_record(&layout.status(), &status)?;
        hint(b'.');
        let reserve = layout.reserve();
        fs::write(&reserve, vec![0; RESERVE]).map_err(Error::file("write", &reserve))?;
        let log = Mutex::new(Log::create(&layout.log(), launch.log)?);
        Ok(Self {
            layout,
            launch,
            surroundings,
            signals,
            log,
            status: RefCell::new(status),
            spare: RefCell::new(spare),
        })
    }

    /// The ticket from preparation to its record.
    pub(super) fn carry_out(&self) -> ExitRecord {
        let prepared = match preparation::prepare(self) {
            preparation::Outcome::Ready(prepared) => prepared,
            preparation::Outcome::Stopped => return self.ended(Ending::Stopped, Vec::new()),
            preparation::Outcome::Failed(kind, error) => {
                return self.ended(failed(kind, &error), Vec::new());
            }
        };
        let warnings = prepared.environment.warnings.clone();
        match run::run(self, &prepared) {
            Ok(record) => record,
            Err(error) => self.ended(failed(FailureKind::Provider, &error), warnings),
        }
    }

    /// A record of a ticket that failed before user code ran.
    pub(super) fn ended_early(&self, kind: FailureKind, error: &Error) -> ExitRecord {
        self.ended(failed(kind, error), Vec::new())
    }

    /// A record of a ticket whose user code never ran.
    fn ended(&self, ending: Ending, warnings: Vec<String>) -> ExitRecord {
        // An end that is recorded leaves no process behind.
        drop(self.take_spare());
        if let Ending::Failed { failure } = &ending {
            self.say(&failure.message);
        }
        let started = self.status.borrow().started;
        let usage = Usage::default();
        let exit = Exit {
            ending,
            started,
            ended: self.now(),
            usage,
            warnings,
        };
        ExitRecord {
            log: self.log().summary(),
            ..ExitRecord::bare(exit)
        }
    }

    /// What was made ready ahead; to be had once.
    pub(super) fn take_spare(&self) -> Option<Spare> {
        self.spare.take()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.surroundings.now()
    }

    /// The log. A thread that panicked while writing leaves it as good as before.
    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A line of Tradewind's own, visible at once.
    pub(super) fn say(&self, text: &str) {
        say(&self.log, self.now(), text);
    }

    /// For a thread that must not touch the rest.
    pub(super) fn shared_log(&self) -> &Mutex<Log> {
        &self.log
    }

    /// Changes and writes the status, and tells whoever holds the other end of standard output
    /// that something changed.
    pub(super) fn update(&self, change: impl FnOnce(&mut Status)) -> Result<(), Error> {
        self.note(change)?;
        hint(b'.');
        Ok(())
    }

    /// Changes and writes the status where nobody waits to hear of it.
    pub(super) fn note(&self, change: impl FnOnce(&mut Status)) -> Result<(), Error> {
        let mut status = self.status.borrow_mut();
        change(&mut status);
        files::write_record(&self.layout.status(), &*status)
    }

    /// Begins another stage.
    pub(super) fn stage(&self, stage: Stage) -> Result<(), Error> {
        let now = self.now();
        self.update(|status| {
            status.stage = stage;
            status.since = now;
        })
    }

    /// Whether a stop was asked for by file.
    pub(super) fn stop_requested(&self) -> bool {
        self.layout.stop().exists()
    }

    /// Reads all signals that wait.
    pub(super) fn told(&self) -> Told {
        let mut told = Told::default();
        while let Ok(Some(signal)) = self.signals.read_signal() {
            match Signal::try_from(signal.ssi_signo as i32) {
                Ok(Signal::SIGCHLD) => told.child = true,
                Ok(Signal::SIGHUP) | Err(_) => {}
                Ok(_) => told.stop = true,
            }
        }
        told
    }

    /// Waits until a signal arrives, `other` can be read, or the time has passed.
    pub(super) fn wait(&self, other: &impl AsFd, timeout: Duration) {
        let mut descriptors = [
            PollFd::new(self.signals.as_fd(), PollFlags::POLLIN),
            PollFd::new(other.as_fd(), PollFlags::POLLIN),
        ];
        let timeout = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
        let _ = poll(&mut descriptors, timeout);
    }

    /// Waits until a signal arrives or the time has passed.
    pub(super) fn pause(&self, timeout: Duration) {
        let mut descriptors = [PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(timeout).unwrap_or(PollTimeout::MAX);
        let _ = poll(&mut descriptors, timeout);
    }

    /// Writes the last record. On a full disk the reserve is given up for it.
    pub(super) fn write_exit(&self, record: &ExitRecord) -> Result<(), Error> {
        self.log().flush();
        let path = self.layout.exit();
        if files::write_record(&path, record).is_err() {
            let _ = fs::remove_file(self.layout.reserve());
            files::write_record(&path, record)?;
        }
        let _ = fs::remove_file(self.layout.reserve());
        hint(END_HINT);
        Ok(())
    }
}

/// A failure before user code ran.
fn failed(kind: FailureKind, error: &Error) -> Ending {
    let message = error.to_string();
    Ending::Failed {
        failure: Failure {
            kind,
            message,
            file: None,
            line: None,
            exit_code: None,
        },
    }
}

/// A line of Tradewind's own in a log.
pub(super) fn say(log: &Mutex<Log>, at: Timestamp, text: &str) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    for line in text.lines() {
        log.write(at, Stream::Tradewind, line);
    }
    log.flush();
}

/// Whoever started the supervisor may listen on its standard output; nobody has to.
pub(super) fn hint(word: u8) {
    let mut output = std::io::stdout().lock();
    let _ = output.write_all(&[word]).and_then(|()| output.flush());
}
