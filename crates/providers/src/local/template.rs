//! A template of the jobs that are like the last: what they share is started once, and each of
//! them is forked from it.

use super::follow::Supervisor;
use runtimes::supervisor::{Forked, Like, SMALL, TEMPLATE, Template, introduction};
use runtimes::{Launch, Surroundings};
use std::ffi::OsString;
use std::io::{self, Cursor};
use std::os::fd::{AsRawFd, OwnedFd};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::Instant;

/// For a template to be there, and for a fork to have its streams.
const PATIENCE: Duration = Duration::from_secs(5);
/// Before one that could not be started is tried again: its environment may be there by then.
const PAUSE: Duration = Duration::from_secs(5);

/// Whether jobs look alike enough for the interpreter of one to be that of the other.
pub(super) fn are_alike(one: &Launch, other: &Launch) -> bool {
    one.program == other.program
        && one.environment == other.environment
        && one.hyperparameters == other.hyperparameters
}

/// The template that was wanted last.
#[derive(Debug)]
pub(super) struct Place {
    launch: Launch,
    /// None where it could not be started or is broken.
    running: Option<Running>,
    since: Instant,
}

#[derive(Debug)]
struct Running {
    /// Kept to be fetched when it has ended, which it does with its input.
    _child: Child,
    requests: ChildStdin,
    answers: ChildStdout,
    /// What each fork is told first.
    introduction: Vec<u8>,
}

impl Place {
    /// Starts a template for jobs like this one.
    pub(super) async fn new(supervisor: &[OsString], job: &Like) -> Self {
        let started = tokio::time::timeout(PATIENCE, Running::start(supervisor, job)).await;
        Self {
            launch: job.launch.clone(),
            running: started.ok().and_then(Result::ok),
            since: Instant::now(),
        }
    }

    /// Whether it is meant for such a job, and needs not be tried again.
    pub(super) fn is_for(&self, launch: &Launch) -> bool {
        are_alike(&self.launch, launch) && (self.running.is_some() || self.since.elapsed() < PAUSE)
    }

    /// A supervisor that waits for its ticket; none where there is no template.
    pub(super) async fn fork(&mut self) -> Option<Supervisor> {
        let running = self.running.as_mut()?;
        if let Ok(Ok(supervisor)) = tokio::time::timeout(PATIENCE, running.fork()).await {
            Some(supervisor)
        } else {
            self.running = None;
            self.since = Instant::now();
            None
        }
    }
}

impl Running {
    async fn start(supervisor: &[OsString], job: &Like) -> io::Result<Self> {
        let [program, arguments @ ..] = supervisor else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let mut child = Command::new(program)
            .args(arguments)
            .arg(TEMPLATE)
            .env(SMALL.0, SMALL.1)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Out of the terminal's foreground, as supervisors are.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
        let mut requests = child.stdin.take().ok_or_else(gone)?;
        let mut answers = child.stdout.take().ok_or_else(gone)?;
        requests.write_all(&introduction(Some(job))).await?;
        let mut told = vec![0; 4];
        answers.read_exact(&mut told).await?;
        let length = u32::from_be_bytes([told[0], told[1], told[2], told[3]]);
        let mut record = Vec::new();
        (&mut answers)
            .take(u64::from(length))
            .read_to_end(&mut record)
            .await?;
        told.extend(record);
        let forked = Forked {
            template: Template::read(&mut Cursor::new(told))?,
            variables: Surroundings::of_this_process().variables,
        };
        let introduction = introduction(Some(&forked));
        if introduction.len() <= size_of::<u32>() {
            // Too long to be told.
            return Err(io::ErrorKind::InvalidInput.into());
        }
        hear(&mut answers, b'w').await?;
        Ok(Self {
            _child: child,
            requests,
            answers,
            introduction,
        })
    }

    async fn fork(&mut self) -> io::Result<Supervisor> {
        let (reader, input) = io::pipe()?;
        let (output, writer) = io::pipe()?;
        let numbers = (reader.as_raw_fd(), writer.as_raw_fd());
        let request = format!("{} {} {}\n", std::process::id(), numbers.0, numbers.1);
        self.requests.write_all(request.as_bytes()).await?;
        hear(&mut self.answers, b'.').await?;
        // Its ends are now its own alone, so that their end is heard.
        drop((reader, writer));
        let mut input = Sender::from_owned_fd(OwnedFd::from(input))?;
        input.write_all(&self.introduction).await?;
        Ok(Supervisor::Fork {
            input: Some(input),
            output: Receiver::from_owned_fd(OwnedFd::from(output))?,
        })
    }
}

async fn hear(answers: &mut ChildStdout, expected: u8) -> io::Result<()> {
    let heard = answers.read_u8().await?;
    if heard == expected {
        return Ok(());
    }
    Err(io::ErrorKind::InvalidData.into())
}
