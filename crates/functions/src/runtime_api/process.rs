//! The program as a process: in a group of its own, watched to its end, killed as a group.

use super::output::follow;
use crate::log::InstanceLog;
use crate::preparation::Ready;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serving::Departure;
use serving::logs::Stream;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A stream that is still open this long after the program's end is held by a descendant.
const AFTERLIFE: Duration = Duration::from_secs(1);

/// A running program.
pub(super) struct Process {
    pub(super) number: u32,
    departed: watch::Receiver<Option<Departure>>,
    kill: watch::Sender<bool>,
}

impl Process {
    /// Starts a program that finds the Runtime API at `address`.
    pub(super) fn start(
        ready: &Ready,
        line: &[OsString],
        address: &str,
        log: &Arc<InstanceLog>,
    ) -> io::Result<Self> {
        let whole: Vec<&OsStr> = ready
            .deployment
            .wrapper
            .iter()
            .chain(line)
            .map(OsString::as_os_str)
            .collect();
        let Some((program, arguments)) = whole.split_first() else {
            return Err(io::Error::from(io::ErrorKind::InvalidInput));
        };
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(&ready.deployment.model_folder)
            .env_clear()
            .envs(&ready.deployment.environment)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_LOG_STREAM_NAME", &log.stream)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let number = child.id().unwrap_or_default();
        let mut readers = JoinSet::new();
        if let Some(output) = child.stdout.take() {
            readers.spawn(follow(output, Stream::Output, Arc::clone(log)));
        }
        if let Some(errors) = child.stderr.take() {
            readers.spawn(follow(errors, Stream::Error, Arc::clone(log)));
        }
        let (depart, departed) = watch::channel(None);
        let (kill, killed) = watch::channel(false);
        tokio::spawn(reap(child, number, killed, readers, depart));
        Ok(Self {
            number,
            departed,
            kill,
        })
    }

    /// How it ended, once it has.
    pub(super) fn departure(&self) -> Option<Departure> {
        self.departed.borrow().clone()
    }

    /// Completes when it has ended.
    pub(super) async fn gone(&self) -> Departure {
        let mut departed = self.departed.clone();
        let found = departed.wait_for(Option::is_some).await;
        let found = found.ok().and_then(|departure| departure.clone());
        found.unwrap_or_else(|| of("it ended unobserved".to_owned()))
    }

    /// Asks the whole group to end.
    pub(super) fn ask_to_end(&self) {
        if self.departure().is_none() {
            let _ = killpg(Pid::from_raw(self.number as i32), Signal::SIGTERM);
        }
    }

    /// Kills the whole group.
    pub(super) fn kill(&self) {
        self.kill.send_replace(true);
    }
}

async fn reap(
    mut child: Child,
    number: u32,
    mut killed: watch::Receiver<bool>,
    mut readers: JoinSet<()>,
    depart: watch::Sender<Option<Departure>>,
) {
    let own = tokio::select! {
        ended = child.wait() => Some(ended),
        // An error means that the handle is gone, which is the same wish.
        _ = killed.wait_for(|killed| *killed) => None,
    };
    // The rest of the group goes with its leader.
    let _ = killpg(Pid::from_raw(number as i32), Signal::SIGKILL);
    let ended = match own {
        Some(ended) => ended,
        None => child.wait().await,
    };
    let everything = async { while readers.join_next().await.is_some() {} };
    let _ = timeout(AFTERLIFE, everything).await;
    depart.send_replace(Some(of(describe(ended))));
}

fn of(how: String) -> Departure {
    Departure {
        how,
        last_words: String::new(),
        memory_used_up: false,
    }
}

fn describe(ended: io::Result<ExitStatus>) -> String {
    match ended {
        Ok(status) => match (status.code(), status.signal()) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(number)) => match Signal::try_from(number) {
                Ok(signal) => format!("signal {number} ({})", signal.as_str()),
                Err(_) => format!("signal {number}"),
            },
            (None, None) => "an unknown status".to_owned(),
        },
        Err(error) => format!("it could not be waited for: {error}"),
    }
}
