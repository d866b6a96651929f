//! A worker that has loaded, as a [`Replica`].

use super::answers::{part, understand, understand_many};
use super::line::{Failure, Line};
use super::loading::Loaded;
use super::messages::{Order, Reply};
use super::process::{Handle, Worker};
use crate::call::{Answer, Call};
use crate::replica::{Birth, Departure, Facts, LaunchOrder, Reached, Replica, ReplicaError};
use bytes::Bytes;
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

/// How a worker ended that no longer talks; one that lingers is killed.
pub(super) async fn departure(handle: &Handle) -> Departure {
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
