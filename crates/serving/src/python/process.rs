//! The worker as a process: started in a group of its own, watched to its end, killed as a group.

use super::PythonLauncher;
use super::output::{LastWords, follow};
use super::walls::Limited;
use crate::logs::{AFTERLIFE, LogLine, LogSink, Stream};
use crate::replica::{Departure, LaunchError, LaunchOrder};
use nix::sys::signal::{Signal, killpg};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use nix::unistd::Pid;
use std::collections::BTreeMap;
use std::io::IoSlice;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::AsyncRead;
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// A running worker. Dropping it kills its process group.
pub(super) struct Worker {
    pub(super) socket: UnixStream,
    pub(super) handle: Handle,
    /// Whether its memory is limited from outside.
    pub(super) limited: bool,
}

/// The hold on the process, without its socket.
pub(super) struct Handle {
    pub(super) process: u32,
    departed: watch::Receiver<Option<Departure>>,
    kill: watch::Sender<bool>,
    /// Never written to; its closing kills the group, by the kernel's hand.
    _lifeline: std::io::PipeWriter,
}

impl Handle {
    /// How it ended, once it has.
    pub(super) fn departure(&self) -> Option<Departure> {
        self.departed.borrow().clone()
    }

    /// Completes when the process has ended and been reaped.
    pub(super) async fn gone(&self) -> Departure {
        let mut departed = self.departed.clone();
        match departed.wait_for(Option::is_some).await {
            Ok(departure) => departure.clone().unwrap_or_else(unknown),
            Err(_) => unknown(),
        }
    }

    /// Asks the whole group to end.
    pub(super) fn terminate(&self) {
        if self.departure().is_none() {
            // The group may be gone in this instant, which is what was wanted.
            killpg(group(self.process), Signal::SIGTERM).ok();
        }
    }

    /// Kills the whole group.
    pub(super) fn kill(&self) {
        self.kill.send_replace(true);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.kill();
    }
}

fn unknown() -> Departure {
    Departure {
        how: "it ended unobserved".to_owned(),
        last_words: String::new(),
        memory_used_up: false,
    }
}

fn group(process: u32) -> Pid {
    Pid::from_raw(process as i32)
}

/// Starts the interpreter on the embedded worker.
pub(super) fn spawn(
    python: &PythonLauncher,
    folder: &Path,
    mut variables: BTreeMap<String, String>,
    order: &LaunchOrder,
    whose: Whose,
) -> Result<Worker, LaunchError> {
    let deployment = &order.deployment;
    let interpreter = &deployment.interpreter;
    let walled = python.walled(order)?;
    // What keeps the deployment from something comes first: where it cannot, nothing is started.
    let mut wrapper = deployment.wrapper.clone();
    if let Some(walled) = &walled {
        wrapper.extend(walled.wrapper());
        for (name, value) in walled.variables() {
            // The deployment's own win.
            if !deployment.environment.contains_key(&name) {
                variables.insert(name, value);
            }
        }
    }
    let (socket, lifeline, theirs) = connect().map_err(|error| LaunchError::Machine {
        what: "making the worker's socket".to_owned(),
        why: error.to_string(),
    })?;
    let mut command = match wrapper.split_first() {
        None => Command::new(interpreter),
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(interpreter);
            command
        }
    };
    let mut child = command
        .arg(&python.start)
        .current_dir(folder)
        .env_clear()
        .envs(variables)
        .stdin(Stdio::from(theirs))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| LaunchError::Machine {
            what: format!(
                "starting `{}` in `{}`",
                interpreter.display(),
                folder.display()
            ),
            why: error.to_string(),
        })?;
    let process = child.id().unwrap_or_default();
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let ended = async move { wait(child).await };
    let connection = Connection { socket, lifeline };
    let limit = match whose {
        Whose::Deployment => python.limit(order, process),
        Whose::Environment => None,
    };
    let streams = (output, errors);
    Ok(attend(
        process,
        (ended, limit),
        connection,
        streams,
        order,
        &python.sink,
    ))
}

/// Whether the limits of one deployment are those of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// They are.
    Deployment,
    /// It is common to several.
    Environment,
}

/// What we hold of a worker from before it is born.
pub(super) struct Connection {
    pub(super) socket: UnixStream,
    pub(super) lifeline: std::io::PipeWriter,
}

/// Watches a process that has just been born: reads what it prints, hears how it `ended`, kills its
/// group when that is wanted.
pub(super) fn attend<
    R: AsyncRead + Unpin + Send + 'static,
    S: AsyncRead + Unpin + Send + 'static,
>(
    process: u32,
    (ended, limit): (
        impl Future<Output = String> + Send + 'static,
        Option<Box<dyn Limited>>,
    ),
    connection: Connection,
    (output, errors): (Option<R>, Option<S>),
    order: &LaunchOrder,
    sink: &Arc<dyn LogSink>,
) -> Worker {
    let last_words = LastWords::default();
    let mut readers = JoinSet::new();
    let line = |stream| LogLine {
        endpoint: order.endpoint.clone(),
        deployment: order.deployment.name.clone(),
        replica: order.number,
        stream,
        text: String::new(),
    };
    if let Some(output) = output {
        let line = line(Stream::Output);
        readers.spawn(follow(output, line, Arc::clone(sink), last_words.clone()));
    }
    if let Some(errors) = errors {
        let line = line(Stream::Error);
        readers.spawn(follow(errors, line, Arc::clone(sink), last_words.clone()));
    }
    let (depart, departed) = watch::channel(None);
    let (kill, killed) = watch::channel(false);
    let limited = limit.is_some();
    let end = reap(ended, process, killed, readers, last_words);
    tokio::spawn(async move {
        let mut departure = end.await;
        if let Some(limit) = limit
            && limit.is_used_up()
        {
            departure.memory_used_up = true;
            departure.how = format!("{}: its limit of memory was used up", departure.how);
        }
        depart.send_replace(Some(departure));
    });
    let Connection { socket, lifeline } = connection;
    let handle = Handle {
        process,
        departed,
        kill,
        _lifeline: lifeline,
    };
    Worker {
        socket,
        handle,
        limited,
    }
}

/// Our end of the socket, our end of the lifeline, and the worker's end of the socket, in which the
/// other end of the lifeline already waits.
fn connect() -> std::io::Result<(UnixStream, std::io::PipeWriter, OwnedFd)> {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
    let (reader, lifeline) = std::io::pipe()?;
    pass(&ours, &[reader.as_fd()])?;
    ours.set_nonblocking(true)?;
    Ok((UnixStream::from_std(ours)?, lifeline, OwnedFd::from(theirs)))
}

/// Sends one byte with descriptors (unix(7), SCM_RIGHTS).
pub(super) fn pass(socket: &impl AsFd, descriptors: &[BorrowedFd<'_>]) -> std::io::Result<()> {
    let raw: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let byte = [IoSlice::new(b"L")];
    let to = socket.as_fd().as_raw_fd();
    sendmsg::<()>(to, &byte, &rights, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

async fn reap(
    ended: impl Future<Output = String>,
    process: u32,
    mut killed: watch::Receiver<bool>,
    mut readers: JoinSet<()>,
    last_words: LastWords,
) -> Departure {
    let mut ended = std::pin::pin!(ended);
    let own = tokio::select! {
        how = &mut ended => Some(how),
        // An error means that the handle is gone, which is the same wish.
        _ = killed.wait_for(|killed| *killed) => None,
    };
    // The rest of the group goes with its leader.
    killpg(group(process), Signal::SIGKILL).ok();
    let how = match own {
        Some(how) => how,
        None => ended.await,
    };
    let everything = async { while readers.join_next().await.is_some() {} };
    drop(timeout(AFTERLIFE, everything).await);
    Departure {
        how,
        last_words: last_words.text(),
        memory_used_up: false,
    }
}

async fn wait(mut child: Child) -> String {
    match child.wait().await {
        Ok(status) => describe(status.code(), status.signal()),
        Err(error) => format!("it could not be waited for: {error}"),
    }
}

/// An exit code or a signal in words.
pub(super) fn describe(code: Option<i32>, signal: Option<i32>) -> String {
    match (code, signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(number)) => match Signal::try_from(number) {
            Ok(signal) => format!("signal {number} ({})", signal.as_str()),
            Err(_) => format!("signal {number}"),
        },
        (None, None) => "an unknown status".to_owned(),
    }
}
