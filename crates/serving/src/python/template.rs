//! A process that has loaded code and model and is forked for each replica.

use super::loading::{self, Load, Loaded};
use super::messages::Reply;
use super::process::{Connection, Handle, Whose, Worker, attend, describe, pass};
use super::{PythonLauncher, environment, frame, process};
use crate::replica::{LaunchError, LaunchOrder};
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::net::unix::pipe;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{interval, timeout};

/// A template has nothing else to do, so a fork that takes longer than this will never come.
const FORKING: Duration = Duration::from_secs(10);
/// How often a replica that outlived its template is looked at.
const LOOKING: Duration = Duration::from_millis(200);

/// A template that may be forked. Dropping it ends it; its replicas live on.
pub(super) struct Template {
    handle: Handle,
    forks: Mutex<Forks>,
}

/// The asking side of the template's socket.
struct Forks {
    socket: UnixStream,
    asked: u64,
    born: mpsc::UnboundedReceiver<Born>,
}

/// A replica that was forked: which fork it is, and where its end will be told.
struct Born {
    number: u64,
    process: u32,
    ended: oneshot::Receiver<String>,
}

/// What became of a template.
pub(super) enum Start {
    /// It can be forked.
    Ready(Template),
    /// It must not be, for this reason.
    Unfit(String),
}

/// Starts a template that is for one deployment from its first moment.
pub(super) async fn start(
    python: &PythonLauncher,
    order: &LaunchOrder,
) -> Result<Start, LaunchError> {
    let variables = environment::variables(&python.base, order);
    let variables = environment::single_threaded(variables);
    let folder = super::folder(&order.deployment);
    let worker = process::spawn(python, folder, variables, order, Whose::Deployment)?;
    let what = Load::Template(python.view(order)?);
    let loaded = loading::load(worker, order, what).await?;
    finish(loaded)
}

/// Makes a template of a process that has loaded.
pub(super) fn finish(loaded: Loaded) -> Result<Start, LaunchError> {
    match loaded.objection {
        Some(objection) => Ok(Start::Unfit(objection)),
        None => Template::over(loaded.worker).map(Start::Ready),
    }
}

fn split(socket: UnixStream) -> io::Result<(UnixStream, UnixStream)> {
    let socket = socket.into_std()?;
    let other = socket.try_clone()?;
    Ok((UnixStream::from_std(socket)?, UnixStream::from_std(other)?))
}

/// Hears of births and deaths until the template is gone. A death is told to whoever holds the
/// receiver; when the template goes, the receivers learn that by their closing.
async fn listen(mut socket: UnixStream, births: mpsc::UnboundedSender<Born>) {
    let mut deaths: HashMap<u32, oneshot::Sender<String>> = HashMap::new();
    while let Ok((reply, _)) = frame::read::<Reply>(&mut socket, 0).await {
        match reply {
            Reply::Forked { process, number } => {
                let (sender, ended) = oneshot::channel();
                deaths.insert(process, sender);
                drop(births.send(Born {
                    number,
                    process,
                    ended,
                }));
            }
            Reply::Exited {
                process,
                code,
                signal,
            } => {
                if let Some(sender) = deaths.remove(&process) {
                    drop(sender.send(describe(code, signal)));
                }
            }
            _ => return,
        }
    }
}

impl Template {
    /// Over a process that waits to be forked.
    pub(super) fn over(worker: Worker) -> Result<Self, LaunchError> {
        let Worker { socket, handle, .. } = worker;
        let (listening, asking) = split(socket).map_err(|error| LaunchError::Machine {
            what: "preparing the template's socket".to_owned(),
            why: error.to_string(),
        })?;
        let (sender, born) = mpsc::unbounded_channel();
        tokio::spawn(listen(listening, sender));
        let forks = Mutex::new(Forks {
            socket: asking,
            asked: 0,
            born,
        });
        Ok(Self { handle, forks })
    }

    /// Its process.
    pub(super) fn process(&self) -> u32 {
        self.handle.process
    }

    /// A new replica's worker, which says that it is ready like any other. None when the template
    /// is gone.
    pub(super) async fn fork(
        &self,
        order: &LaunchOrder,
        python: &PythonLauncher,
    ) -> Result<Option<Worker>, LaunchError> {
        let machine = |error: io::Error| LaunchError::Machine {
            what: "forking a template".to_owned(),
            why: error.to_string(),
        };
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(machine)?;
        ours.set_nonblocking(true).map_err(machine)?;
        let (their_lifeline, lifeline) = io::pipe().map_err(machine)?;
        let (output, their_output) = io::pipe().map_err(machine)?;
        let (errors, their_errors) = io::pipe().map_err(machine)?;
        let socket = UnixStream::from_std(ours).map_err(machine)?;
        let output = pipe::Receiver::from_owned_fd(output.into()).map_err(machine)?;
        let errors = pipe::Receiver::from_owned_fd(errors.into()).map_err(machine)?;
        let passed = [
            theirs.as_fd(),
            their_lifeline.as_fd(),
            their_output.as_fd(),
            their_errors.as_fd(),
        ];
        let Ok(Some(born)) = timeout(FORKING, self.ask(&passed)).await else {
            return Ok(None);
        };
        let process = born.process;
        let ended = async move {
            match born.ended.await {
                Ok(how) => how,
                Err(_) => outlive(process).await,
            }
        };
        let connection = Connection { socket, lifeline };
        let streams = (Some(output), Some(errors));
        let ended = (ended, python.limit(order, process));
        Ok(Some(attend(
            process,
            ended,
            connection,
            streams,
            order,
            &python.sink,
        )))
    }

    async fn ask(&self, descriptors: &[std::os::fd::BorrowedFd<'_>]) -> Option<Born> {
        let mut forks = self.forks.lock().await;
        forks.socket.writable().await.ok()?;
        pass(&forks.socket, descriptors).ok()?;
        forks.asked += 1;
        loop {
            let born = forks.born.recv().await?;
            // An earlier one was asked for by somebody who left; its lifeline is cut already.
            if born.number == forks.asked {
                return Some(born);
            }
        }
    }
}

/// True for a process that has ended where nobody collects orphans, as in some containers.
fn unreaped(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'))
}

/// Waits for the end of a process whose parent is gone, so that nobody tells us.
async fn outlive(process: u32) -> String {
    let mut look = interval(LOOKING);
    loop {
        look.tick().await;
        if kill(Pid::from_raw(process as i32), None) == Err(Errno::ESRCH) || unreaped(process) {
            return "an unknown status, its template being gone".to_owned();
        }
    }
}
