//! Lambda's Runtime API (<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>): an
//! instance that is any program which fetches calls over HTTP. Each gets a listener of its own on
//! the loopback, so that no other can take its calls.

mod output;
mod process;
mod server;

use crate::instance::{Broken, Head, Instance, Reply};
use crate::log::InstanceLog;
use crate::payload::{self, Failure, MOST_ANSWER};
use crate::preparation::Ready;
use bytes::Bytes;
use contracts::functions::FunctionFault;
use process::Process;
use serving::{Departure, LaunchError};
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::time::timeout;

/// How long a program that gave an initialisation error may take to end by itself.
const LEAVING: Duration = Duration::from_secs(2);

/// What the program said.
pub(super) enum Said {
    /// An answer.
    Response(Bytes),
    /// An error: its type, if it gave one, and its body.
    Error(Option<String>, Bytes),
    /// A body above the limit.
    TooLarge,
}

/// A call for the program.
pub(super) struct Work {
    pub(super) head: Head,
    pub(super) payload: Bytes,
    pub(super) said: oneshot::Sender<Said>,
}

/// How far the program has come.
#[derive(Clone, Default)]
pub(super) enum Progress {
    #[default]
    Starting,
    /// It has asked for its first call.
    Ready,
    /// It could not be initialised.
    Refused(Option<String>, Bytes),
}

/// A program that fetches calls.
pub(crate) struct RuntimeInstance {
    process: Process,
    work: Mutex<mpsc::Sender<Work>>,
    server: tokio::task::JoinHandle<()>,
}

/// Starts a program and waits until it asks for its first call.
pub(crate) async fn start(
    ready: &Ready,
    line: &[OsString],
    log: &Arc<InstanceLog>,
) -> Result<RuntimeInstance, LaunchError> {
    let machine = |what: &str| {
        let what = what.to_owned();
        move |error: std::io::Error| LaunchError::Machine {
            what,
            why: error.to_string(),
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.map_err(machine("opening the Runtime API"))?;
    let address = listener
        .local_addr()
        .map_err(machine("opening the Runtime API"))?;
    let (work, calls) = mpsc::channel(1);
    let (progress, mut progressed) = watch::channel(Progress::Starting);
    let server = tokio::spawn(server::serve(listener, calls, progress, name(ready)));
    let process = Process::start(ready, line, &address.to_string(), log)
        .map_err(machine("starting the runtime"))?;
    let instance = RuntimeInstance {
        process,
        work: Mutex::new(work),
        server,
    };
    let limit = ready.deployment.timing.start;
    let came = timeout(limit, async {
        tokio::select! {
            departure = instance.process.gone() => Err(departure),
            progress = progressed.wait_for(|now| !matches!(now, Progress::Starting)) => {
                Ok(progress.map_or(Progress::Starting, |now| now.clone()))
            }
        }
    });
    match came.await {
        Err(_) => Err(LaunchError::TimedOut(limit)),
        Ok(Err(departure)) => Err(LaunchError::Ended(departure)),
        Ok(Ok(Progress::Refused(kind, body))) => {
            let _ = timeout(LEAVING, instance.process.gone()).await;
            Err(LaunchError::Fault(Box::new(fault(kind, &body))))
        }
        Ok(Ok(Progress::Ready | Progress::Starting)) => Ok(instance),
    }
}

fn name(ready: &Ready) -> String {
    ready.target.name.to_string()
}

/// An initialisation error as it was posted: `{"errorMessage", "errorType", "stackTrace"}`.
fn fault(kind: Option<String>, body: &Bytes) -> serving::Fault {
    let value: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| value.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    let trace = value.get("stackTrace").and_then(|trace| trace.as_array());
    let lines = trace.into_iter().flatten().filter_map(|line| line.as_str());
    serving::Fault {
        kind: text("errorType")
            .or(kind)
            .unwrap_or_else(|| "Runtime.Unknown".to_owned()),
        message: text("errorMessage").unwrap_or_else(|| "the runtime gave no reason".to_owned()),
        stage: "load".to_owned(),
        file: None,
        line: None,
        function: None,
        code: None,
        traceback: lines.collect::<Vec<_>>().join("\n"),
    }
}

#[async_trait::async_trait]
impl Instance for RuntimeInstance {
    async fn answer(&self, head: &Head, payload: &Bytes) -> Result<Reply, Broken> {
        if self.process.departure().is_some() {
            return Err(Broken::Before);
        }
        let (said, hears) = oneshot::channel();
        let work = Work {
            head: head.clone(),
            payload: payload.clone(),
            said,
        };
        if self.work.lock().await.send(work).await.is_err() {
            return Err(Broken::Before);
        }
        let said = tokio::select! {
            said = hears => match said {
                Ok(said) => said,
                Err(_) => return Err(Broken::Ended(self.process.gone().await)),
            },
            departure = self.process.gone() => return Err(Broken::Ended(departure)),
        };
        match said {
            Said::Response(body) => Ok(Reply::Event(body)),
            Said::Error(kind, payload) => Ok(Reply::Failed(Failure {
                fault: FunctionFault::Raised,
                kind: kind.unwrap_or_else(|| error_type(&payload)),
                payload,
            })),
            Said::TooLarge => Err(Broken::Failed(payload::too_large(MOST_ANSWER))),
        }
    }

    fn process(&self) -> Option<u32> {
        Some(self.process.number)
    }

    fn marks_its_prints(&self) -> bool {
        false
    }

    async fn end(&self, grace: Duration) -> Departure {
        if !grace.is_zero() {
            self.process.ask_to_end();
            let _ = timeout(grace, self.process.gone()).await;
        }
        self.process.kill();
        self.process.gone().await
    }
}

impl Drop for RuntimeInstance {
    fn drop(&mut self) {
        self.process.kill();
        self.server.abort();
    }
}

fn error_type(payload: &Bytes) -> String {
    let value: serde_json::Value = serde_json::from_slice(payload).unwrap_or_default();
    let kind = value.get("errorType").and_then(|kind| kind.as_str());
    kind.unwrap_or("Runtime.Unknown").to_owned()
}
