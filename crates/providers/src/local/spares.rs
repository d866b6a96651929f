//! Supervisors that wait for a ticket. They are started once there are jobs, replaced as they are
//! taken, and let go when none has come for a while, so that an idle server has none. Where two jobs
//! in a row were alike the next is expected to be like them, and is forked from a template of them,
//! or where there is none its interpreter is started ahead.

use super::errors::of_system;
use super::follow::Supervisor;
use super::template::{Place, are_alike};
use contracts::backend::BackendError;
use runtimes::Launch;
use runtimes::supervisor::{Like, SMALL, SPARE, introduction};
use std::ffi::OsString;
use std::io;
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
    /// Held while a template starts: whoever wants a fork of it waits for that.
    template: tokio::sync::Mutex<Option<Place>>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Supervisor>,
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
        let is_alike = self
            .last
            .as_ref()
            .is_some_and(|last| are_alike(last, launch));
        if !is_alike {
            self.last = Some(launch.clone());
        }
        is_alike
    }
}

impl Spares {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A supervisor that was told the job's folder, if one was waiting or can be forked; and
    /// whether the job is like the one before.
    pub(super) async fn take(
        &self,
        supervisor: &[OsString],
        job: &Like,
    ) -> (Option<Supervisor>, bool) {
        let is_alike = {
            let mut state = self.state();
            state.tickets += 1;
            state.is_alike(&job.launch)
        };
        while let Some(mut one) = self.oldest() {
            if !one.waits() {
                continue;
            }
            if one.tell(&job.folder).await {
                return (Some(one), is_alike);
            }
            one.end().await;
        }
        if is_alike
            && let Some(mut one) = self.fork(supervisor, job).await
            && one.tell(&job.folder).await
        {
            return (Some(one), is_alike);
        }
        (None, is_alike)
    }

    /// The one that is the likeliest to be ready.
    fn oldest(&self) -> Option<Supervisor> {
        let mut state = self.state();
        (!state.waiting.is_empty()).then(|| state.waiting.remove(0))
    }

    /// A fork of the template for such jobs, which is started where it is not there.
    async fn fork(&self, supervisor: &[OsString], job: &Like) -> Option<Supervisor> {
        let mut place = self.template.lock().await;
        if !place
            .as_ref()
            .is_some_and(|place| place.is_for(&job.launch))
        {
            *place = Some(Place::new(supervisor, job).await);
        }
        place.as_mut()?.fork().await
    }

    /// Starts as many as are missing after a job, and lets them go unless further tickets come.
    pub(super) async fn fill(
        self: &Arc<Self>,
        supervisor: &[OsString],
        job: &Like,
        is_alike: bool,
    ) {
        let (tickets, missing) = {
            let mut state = self.state();
            let missing = COUNT.saturating_sub(state.waiting.len() + state.starting);
            state.starting += missing;
            (state.tickets, missing)
        };
        for _ in 0..missing {
            let forked = if is_alike {
                self.fork(supervisor, job).await
            } else {
                None
            };
            let started = match forked {
                Some(forked) => Ok(forked),
                // Why it cannot be started is told by the job that then starts its own.
                None => start(supervisor, &introduction(is_alike.then_some(job))).await,
            };
            let mut state = self.state();
            state.starting -= 1;
            state.waiting.extend(started);
        }
        let spares = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            if let Some(spares) = spares.upgrade() {
                spares.let_go(tickets).await;
            }
        });
    }

    /// Ends all when no ticket has come since so many had.
    async fn let_go(&self, tickets: u64) {
        let idle = {
            let mut state = self.state();
            if state.tickets != tickets {
                return;
            }
            state.last = None;
            std::mem::take(&mut state.waiting)
        };
        *self.template.lock().await = None;
        for one in idle {
            one.end().await;
        }
    }
}

async fn start(supervisor: &[OsString], introduction: &[u8]) -> io::Result<Supervisor> {
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
    Ok(Supervisor::Child(child))
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
