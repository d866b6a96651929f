//! A worker that has loaded, as a [`Replica`].

use super::environment;
use super::folder;
use super::frame::{self, FrameError};
use super::line::{Failure, Line};
use super::messages::{Order, Part, PartReply, Reply};
use super::process::{Handle, Worker};
use super::walls::View;
use crate::call::{Answer, Call};
use crate::replica::{
    Birth, Departure, Facts, LaunchError, LaunchOrder, Reached, Replica, ReplicaError,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use std::time::Duration;
use tokio::time::timeout;

/// How long a worker that closed its socket may take to end by itself, so that its own exit status
/// is seen instead of our signal.
const LEAVING: Duration = Duration::from_millis(500);

pub(super) struct PythonReplica {
    handle: Handle,
    facts: Facts,
    response_limit: usize,
    /// How long a call may take.
    limit: Duration,
    line: Line,
}

impl PythonReplica {
    /// Waits until a worker says that it has loaded; `what` it is to load is sent first.
    pub(super) async fn load(
        mut worker: Worker,
        order: &LaunchOrder,
        what: Load,
    ) -> Result<Loaded, LaunchError> {
        let limit = order.deployment.timing.start;
        let replied = timeout(limit, greet(&mut worker, order, &what)).await;
        let handle = &worker.handle;
        let reply = match replied {
            Err(_) => {
                handle.kill();
                handle.gone().await;
                return Err(LaunchError::TimedOut(limit));
            }
            Ok(Ok((reply, _))) => reply,
            Ok(Err(_)) => return Err(LaunchError::Ended(departure(handle).await)),
        };
        match reply {
            Reply::Ready {
                form,
                python,
                load_milliseconds,
                signature,
                joins,
                objection,
                modules,
                mut lacks,
            } => {
                if order.deployment.memory.is_some() && !worker.limited {
                    lacks.push(
                        "memory by a control group (a limit of its data stands in)".to_owned(),
                    );
                }
                let facts = Facts {
                    form,
                    runtime: format!("python {python}"),
                    load: Duration::from_millis(load_milliseconds),
                    process: Some(handle.process),
                    birth: Birth::Fresh,
                    concurrency: 1,
                    joins,
                    signature,
                    engine: order.engine.clone(),
                    lacks,
                };
                Ok(Loaded {
                    worker,
                    facts,
                    objection,
                    modules,
                })
            }
            Reply::LoadError { error } => {
                departure(handle).await;
                Err(LaunchError::Fault(Box::new(error)))
            }
            _ => {
                handle.kill();
                Err(LaunchError::Machine {
                    what: "talking to the worker".to_owned(),
                    why: "it answered before it was asked".to_owned(),
                })
            }
        }
    }

    /// A worker that has loaded, as a replica.
    pub(super) fn new(loaded: Loaded, birth: Birth, order: &LaunchOrder) -> Self {
        let Worker { socket, handle, .. } = loaded.worker;
        Self {
            handle,
            facts: Facts {
                birth,
                ..loaded.facts
            },
            response_limit: order.limits.response_bytes,
            limit: order.deployment.timing.call,
            line: Line::new(socket),
        }
    }

    /// Sends an order and reads its reply, which `understood` takes apart or finds not to be ours.
    async fn exchange<'a, T>(
        &self,
        order: impl FnOnce(u64) -> Order<'a>,
        body: &Bytes,
        most: usize,
        understood: impl FnOnce(Reply, Bytes, u64) -> Option<T>,
    ) -> Result<T, ReplicaError> {
        if self.handle.departure().is_some() {
            return Err(self.broken(Reached::No).await);
        }
        let (reply, body, id) = match self.line.ask(order, body, most, self.limit).await {
            Ok(answered) => answered,
            Err(Failure::Unseen) => return Err(self.broken(Reached::No).await),
            Err(Failure::Broken) => return Err(self.broken(Reached::Perhaps).await),
            Err(Failure::TooLarge(bytes)) => {
                self.handle.kill();
                return Err(ReplicaError::TooLarge { bytes, most });
            }
            Err(Failure::Hung) => {
                self.handle.kill();
                return Err(ReplicaError::Hung);
            }
        };
        let Some(result) = understood(reply, body, id) else {
            self.handle.kill();
            return Err(self.broken(Reached::Perhaps).await);
        };
        Ok(result)
    }

    async fn broken(&self, reached: Reached) -> ReplicaError {
        ReplicaError::Gone {
            departure: departure(&self.handle).await,
            reached,
        }
    }
}

/// What a worker is told at its start.
/// Each with the view of files that it takes first, where it is confined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Load {
    /// To load and be a replica.
    Replica(Option<View>),
    /// To load and be forked.
    Template(Option<View>),
    /// So too, in a process that was forked from the template of the environment.
    Staged(Option<View>),
    /// So too, but to be a replica itself, as the only one.
    Single(Option<View>),
    /// To load, to give the model in our own form, and to leave.
    Export(Option<View>),
    /// Nothing: it was forked from one that has loaded.
    Inherited,
}

/// A worker that has loaded.
pub(super) struct Loaded {
    pub(super) worker: Worker,
    pub(super) facts: Facts,
    pub(super) objection: Option<String>,
    /// What a template imported from its environment.
    pub(super) modules: Vec<String>,
}

async fn greet(
    worker: &mut Worker,
    order: &LaunchOrder,
    what: &Load,
) -> Result<(Reply, Bytes), FrameError> {
    tell(worker, order, what).await?;
    frame::read(&mut worker.socket, 0).await
}

/// Sends what a worker is to load.
pub(super) async fn tell(
    worker: &mut Worker,
    order: &LaunchOrder,
    what: &Load,
) -> Result<(), FrameError> {
    let view = match what {
        Load::Replica(view)
        | Load::Template(view)
        | Load::Staged(view)
        | Load::Single(view)
        | Load::Export(view) => view.as_ref(),
        Load::Inherited => return Ok(()),
    };
    let deployment = &order.deployment;
    let entry = deployment.handler.entry.as_ref();
    let single = matches!(what, Load::Single(_));
    let staged = single || matches!(what, Load::Staged(_));
    let load = Order::Load {
        form: deployment.handler.form.word(),
        entry: entry.map(|entry| entry.display().to_string()),
        model_dir: deployment.model_folder.display().to_string(),
        response_limit: order.limits.response_bytes,
        template: matches!(what, Load::Staged(_) | Load::Template(_)),
        learn: single,
        export: matches!(what, Load::Export(_)),
        variables: staged.then(|| environment::own(order)),
        folder: (staged || view.is_some()).then(|| folder(deployment).display().to_string()),
        view,
        data_limit: deployment.memory.filter(|_| !worker.limited),
    };
    frame::write(&mut worker.socket, &load, &Bytes::new()).await
}

/// How a worker ended that no longer talks; one that lingers is killed.
async fn departure(handle: &Handle) -> Departure {
    if let Ok(departure) = timeout(LEAVING, handle.gone()).await {
        return departure;
    }
    handle.kill();
    handle.gone().await
}

#[async_trait::async_trait]
impl Replica for PythonReplica {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    async fn invoke(&self, call: &Call) -> Result<Answer, ReplicaError> {
        let order = |id| Order::Invoke {
            id,
            content_type: &call.content_type,
            accept: &call.accept,
            traceparent: call.stages.traceparent(),
        };
        let understood = |reply, body, id| understand(reply, body, Some(id));
        let exchanged = self.exchange(order, &call.body, self.response_limit, understood);
        exchanged.await.and_then(|result| result)
    }

    fn ahead(&self) -> usize {
        self.line.ahead()
    }

    fn keeps_time(&self) -> bool {
        true
    }

    async fn invoke_many(&self, calls: &[Call]) -> Vec<Result<Answer, ReplicaError>> {
        if let [call] = calls {
            return vec![self.invoke(call).await];
        }
        let order = |id| Order::InvokeMany {
            id,
            calls: calls.iter().map(part).collect(),
        };
        let mut body = Vec::with_capacity(calls.iter().map(|call| call.body.len()).sum());
        for call in calls {
            body.extend_from_slice(&call.body);
        }
        let most = self.response_limit.saturating_mul(calls.len());
        let understood = |reply, body, id| understand_many(reply, body, id, calls.len());
        match self
            .exchange(order, &Bytes::from(body), most, understood)
            .await
        {
            Ok(results) => results,
            Err(error) => vec![Err(error); calls.len()],
        }
    }

    async fn gone(&self) -> Departure {
        self.handle.gone().await
    }

    async fn stop(&self, grace: Duration) {
        if !grace.is_zero() {
            if self.line.stop(grace / 2).await {
                drop(timeout(grace / 2, self.handle.gone()).await);
            }
            if self.handle.departure().is_none() {
                self.handle.terminate();
                drop(timeout(grace / 2, self.handle.gone()).await);
            }
        }
        self.handle.kill();
        self.handle.gone().await;
    }
}

/// Whether a header that user code set may go out: no line breaks, and none that frames the body or
/// is between two ends of a connection (RFC 9110 §7.6.1).
fn sendable(name: &str, value: &str) -> bool {
    const OURS: [&str; 8] = [
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
    ];
    HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| !OURS.contains(&name.as_str()))
        && HeaderValue::from_str(value).is_ok()
}

/// The answer in a reply; none when it is not the answer to this call.
fn understand(
    reply: Reply,
    body: Bytes,
    asked: Option<u64>,
) -> Option<Result<Answer, ReplicaError>> {
    match reply {
        Reply::Answer {
            id,
            status,
            content_type,
            headers,
            datatype,
        } if asked.is_none_or(|asked| asked == id) => {
            // An informational status ends no request.
            let status = StatusCode::from_u16(status).ok();
            let status = status.filter(|status| !status.is_informational());
            let status = status.unwrap_or(StatusCode::BAD_GATEWAY);
            let headers = headers
                .into_iter()
                .filter(|(k, v)| sendable(k, v))
                .collect();
            let content_type = match HeaderValue::from_str(&content_type) {
                Ok(_) => content_type,
                Err(_) => "application/octet-stream".to_owned(),
            };
            Some(Ok(Answer {
                status,
                content_type,
                headers,
                datatype,
                body,
            }))
        }
        Reply::Refused {
            id,
            status,
            message,
        } if asked.is_none_or(|asked| asked == id) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Some(Err(ReplicaError::Refused { status, message }))
        }
        Reply::Error { id, error, .. } if asked.is_none_or(|asked| asked == id) => {
            Some(Err(ReplicaError::Fault(Box::new(error))))
        }
        _ => None,
    }
}

/// The answers in a reply; none when they are not the answers to these calls.
fn understand_many(
    reply: Reply,
    mut body: Bytes,
    asked: u64,
    count: usize,
) -> Option<Vec<Result<Answer, ReplicaError>>> {
    let Reply::Answers { id, answers } = reply else {
        return None;
    };
    if id != asked || answers.len() != count {
        return None;
    }
    let mut results = Vec::with_capacity(count);
    for PartReply { length, reply } in answers {
        if length > body.len() {
            return None;
        }
        results.push(understand(reply, body.split_to(length), None)?);
    }
    Some(results)
}

fn part(call: &Call) -> Part<'_> {
    Part {
        content_type: &call.content_type,
        accept: &call.accept,
        length: call.body.len(),
    }
}
