//! Says how user code ended, in words: never a signal's number, always what to do.

use crate::launch::Launch;
use crate::record::Exception;
use crate::{Error, Layout, files};
use domain::job::{BrokenLimit, Ending, Failure, FailureKind};
use domain::resources::Limits;
use nix::sys::signal::Signal;

/// SageMaker takes the first 1,024 characters of `/opt/ml/output/failure`.
const FAILURE_TEXT: u64 = 1024;

/// How the first process of user code ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    Code(i32),
    Signal(Signal),
}

/// Why the supervisor ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Stop,
    WallClock,
    Memory,
    Processes,
    Disk,
}

impl Cause {
    /// Whether user code gets time to end by itself.
    pub(super) fn is_gentle(self) -> bool {
        matches!(self, Self::Stop | Self::WallClock)
    }

    /// What happened.
    pub(super) fn words(self, limits: &Limits) -> String {
        let size = |size: Option<domain::ByteSize>| size.unwrap_or_default().to_string();
        match self {
            Self::Stop => "a stop was asked for".to_owned(),
            Self::WallClock => format!(
                "the job ran longer than its limit of {}",
                limits.wall_clock.unwrap_or_default()
            ),
            Self::Memory => {
                format!(
                    "the job used more memory than its limit of {}",
                    size(limits.memory)
                )
            }
            Self::Processes => format!(
                "the job had more processes and threads than its limit of {}",
                limits.processes.unwrap_or_default()
            ),
            Self::Disk => {
                format!(
                    "the job's folder grew beyond its limit of {}",
                    size(limits.disk)
                )
            }
        }
    }

    fn limit(self) -> Option<(BrokenLimit, &'static str)> {
        match self {
            Self::Stop => None,
            Self::WallClock => Some((BrokenLimit::WallClock, "timeout")),
            Self::Memory => Some((BrokenLimit::Memory, "memory limit")),
            Self::Processes => Some((BrokenLimit::Processes, "limit of processes")),
            Self::Disk => Some((BrokenLimit::Disk, "disk limit")),
        }
    }
}

/// All that is known at the end.
pub(super) struct Facts<'a> {
    pub(super) launch: &'a Launch,
    pub(super) layout: &'a Layout,
    pub(super) death: Death,
    pub(super) cause: Option<Cause>,
    pub(super) exception: Option<&'a Exception>,
    /// Why the entering stage could not start it.
    pub(super) refusal: Option<&'a str>,
    /// The last lines of standard error.
    pub(super) quoted: &'a [String],
}

/// How it ended.
pub(super) fn conclude(facts: &Facts<'_>) -> Ending {
    if let Some(cause) = facts.cause {
        let Some((limit, name)) = cause.limit() else {
            return Ending::Stopped;
        };
        let message = format!(
            "{} and was ended; raise the {name} or let the job need less",
            cause.words(&facts.launch.limits)
        );
        return failed(FailureKind::Limit(limit), message, facts);
    }
    if let Some(refusal) = facts.refusal {
        return failed(FailureKind::UserCode, refusal.to_owned(), facts);
    }
    if facts.death == Death::Code(0) {
        return Ending::Completed;
    }
    if let Some(limit) = limit_by_exception(facts) {
        return limit;
    }
    let mut message = match (facts.exception, facts.death) {
        (Some(exception), Death::Code(_)) => of_exception(exception),
        (_, Death::Code(code)) => of_code(code, facts.quoted),
        (_, Death::Signal(signal)) => of_signal(signal),
    };
    let told = facts.layout.base().join("output/failure");
    let told = files::is_really(&told, facts.layout.folder())
        .then(|| files::read_text(&told, FAILURE_TEXT))
        .flatten();
    if let Some(told) = told
        .as_deref()
        .map(str::trim)
        .filter(|told| !told.is_empty())
    {
        message.push_str("; it left the message: ");
        message.push_str(told);
    }
    failed(FailureKind::UserCode, message, facts)
}

/// Outputs that could not be kept.
pub(super) fn output_failure(error: &Error) -> Ending {
    let failure = Failure {
        kind: FailureKind::Output,
        message: format!("the outputs cannot be collected: {error}"),
        file: None,
        line: None,
        exit_code: None,
    };
    Ending::Failed { failure }
}

fn failed(kind: FailureKind, message: String, facts: &Facts<'_>) -> Ending {
    let exit_code = match facts.death {
        Death::Code(code) if facts.cause.is_none() && facts.refusal.is_none() => Some(code),
        _ => None,
    };
    let of_user = kind == FailureKind::UserCode || exit_code.is_some();
    let exception = facts.exception.filter(|_| of_user);
    let failure = Failure {
        kind,
        message,
        file: exception.and_then(|exception| exception.file.clone()),
        line: exception.and_then(|exception| exception.line),
        exit_code,
    };
    Ending::Failed { failure }
}

/// A limit that user code itself ran into and told by an exception: the system refused it memory
/// or room for a file, which is how limits show where they are not control groups.
fn limit_by_exception(facts: &Facts<'_>) -> Option<Ending> {
    let exception = facts.exception?;
    let limits = &facts.launch.limits;
    let message = &exception.message;
    let cause = if exception.class == "OSError" && message.contains("[Errno 27]") {
        limits.disk.map(|_| Cause::Disk)?
    } else if exception.class == "OSError" && message.contains("[Errno 28]") {
        let text = format!(
            "the disk of this machine is full; {}",
            of_exception(exception)
        );
        return Some(failed(FailureKind::Limit(BrokenLimit::Disk), text, facts));
    } else {
        return None;
    };
    let (limit, name) = cause.limit()?;
    let text = format!(
        "{}; raise the {name} or let the job need less",
        cause.words(limits)
    );
    Some(failed(FailureKind::Limit(limit), text, facts))
}

fn of_exception(exception: &Exception) -> String {
    let place = match (&exception.file, exception.line) {
        (Some(file), Some(line)) => format!("`{file}` line {line} raised "),
        _ => "the program raised ".to_owned(),
    };
    let message: String = exception
        .message
        .lines()
        .take(5)
        .collect::<Vec<_>>()
        .join(" ");
    if message.is_empty() {
        return format!("{place}`{}`", exception.class);
    }
    format!("{place}`{}`: {message}", exception.class)
}

fn of_code(code: i32, quoted: &[String]) -> String {
    // A shell ends with 128 and a signal's number when its command was ended by one (POSIX).
    let by_signal = Signal::try_from(code - 128).ok().filter(|_| code > 128);
    let mut text = match (code, by_signal) {
        (126, _) => "the command cannot be executed (exit code 126)".to_owned(),
        (127, _) => "a command was not found (exit code 127)".to_owned(),
        (_, Some(signal)) => format!("{} (exit code {code})", of_signal(signal)),
        _ => format!("the program ended with exit code {code}"),
    };
    if let Some(last) = quoted.last() {
        text.push_str("; the last that it wrote to standard error was: ");
        text.push_str(last);
    }
    text
}

fn of_signal(signal: Signal) -> String {
    let text = match signal {
        Signal::SIGSEGV | Signal::SIGBUS => {
            "the program crashed: it touched memory that is not its own, most likely in a native \
             library"
        }
        Signal::SIGABRT => "the program aborted itself, most likely in a native library",
        Signal::SIGILL => {
            "the program crashed: it used an instruction that this machine's processor does not \
             have; a package may be built for another one"
        }
        Signal::SIGFPE => "the program crashed: it divided by zero in native code",
        Signal::SIGKILL => {
            "the program was killed from outside, by none of this job's limits; the machine may \
             have run out of memory"
        }
        Signal::SIGTERM | Signal::SIGINT | Signal::SIGHUP | Signal::SIGQUIT => {
            "the program was asked to end from outside, and not through Tradewind"
        }
        Signal::SIGXFSZ => "the program wrote a file that is larger than the job's disk limit",
        Signal::SIGPIPE => "the program wrote to a program that had ended",
        Signal::SIGSYS => "the program made a call that this machine forbids",
        other => return format!("the program was ended by the system (`{}`)", other.as_str()),
    };
    text.to_owned()
}
