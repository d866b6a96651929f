//! Supervisors that wait for a ticket. They are started once there are jobs, replaced as they are
//! taken, and let go when none has come for a while, so that an idle server has none. Where two jobs
//! in a row were alike the next is expected to be like them, and its interpreter is started ahead.

use super::errors::of_system;
use contracts::backend::BackendError;
use runtimes::Launch;
use runtimes::supervisor::{Like, SMALL, SPARE, introduction};
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// How many wait at once.
const COUNT: usize = 2;
/// How long they wait.
const PATIENCE: Duration = Duration::from_secs(20);

/// The supervisors that wait.
#[derive(Debug, Default)]
pub(super) struct Spares {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Child>,
    /// How many are about to wait.
    starting: usize,
    /// Counts the tickets that came.
    tickets: u64,
    /// What the last job ran.
    last: Option<Launch>,
}

impl State {
    /// Notes what a job runs; whether the one before ran the same.
    fn is_alike(&mut self, launch: &Launch) -> bool {
        let same = |last: &Launch| {
            last.program == launch.program
                && last.environment == launch.environment
                && last.hyperparameters == launch.hyperparameters
        };
        let is_alike = self.last.as_ref().is_some_and(same);
        self.last = Some(launch.clone());
        is_alike
    }
}

impl Spares {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A supervisor that was told this folder, if one was waiting.
    pub(super) async fn take(&self, folder: &Path) -> Option<Child> {
        loop {
            let mut child = {
                let mut state = self.state();
                if state.waiting.is_empty() {
                    return None;
                }
                // The oldest is the likeliest to be ready.
                state.waiting.remove(0)
            };
            if !matches!(child.try_wait(), Ok(None)) {
                continue;
            }
            let mut input = child.stdin.take()?;
            if input.write_all(folder.as_os_str().as_bytes()).await.is_ok() {
                return Some(child);
            }
            // It is about to end and has no ticket; closing its input keeps it from having one.
            drop(input);
            let _ = child.wait().await;
        }
    }

    /// Starts as many as are missing after a job, and lets them go unless further tickets come.
    pub(super) async fn fill(self: &Arc<Self>, supervisor: &[OsString], job: Like) {
        let (tickets, missing, like) = {
            let mut state = self.state();
            state.tickets += 1;
            let missing = COUNT.saturating_sub(state.waiting.len() + state.starting);
            state.starting += missing;
            let like = state.is_alike(&job.launch).then_some(&job);
            (state.tickets, missing, like)
        };
        for _ in 0..missing {
            // Why it cannot be started is told by the job that then starts its own.
            let started = start(supervisor, &introduction(like)).await;
            let mut state = self.state();
            state.starting -= 1;
            state.waiting.extend(started);
        }
        let spares = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            let Some(spares) = spares.upgrade() else {
                return;
            };
            let idle = {
                let mut state = spares.state();
                if state.tickets == tickets {
                    std::mem::take(&mut state.waiting)
                } else {
                    Vec::new()
                }
            };
            for mut child in idle {
                drop(child.stdin.take());
                let _ = child.wait().await;
            }
        });
    }
}

async fn start(supervisor: &[OsString], introduction: &[u8]) -> io::Result<Child> {
    let [program, arguments @ ..] = supervisor else {
        return Err(io::ErrorKind::NotFound.into());
    };
    let mut child = Command::new(program)
        .args(arguments)
        .arg(SPARE)
        .env(SMALL.0, SMALL.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // Out of the terminal's foreground: Ctrl-C at the server is not for the jobs.
        .process_group(0)
        .spawn()?;
    if let Some(input) = &mut child.stdin {
        input.write_all(introduction).await?;
    }
    Ok(child)
}

/// Starts a supervisor for a folder.
pub(super) fn start_with(
    supervisor: &[OsString],
    folder: &Path,
    log: std::fs::File,
) -> Result<Child, BackendError> {
    let Some((program, arguments)) = supervisor.split_first() else {
        return Err(BackendError {
            message: "the local provider has no supervisor program".to_owned(),
            advice: contracts::backend::Advice::GiveUp,
            source: None,
        });
    };
    Command::new(program)
        .args(arguments)
        .arg(folder)
        .env(SMALL.0, SMALL.1)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .process_group(0)
        .spawn()
        .map_err(|error| of_system("start the supervisor", error))
}
