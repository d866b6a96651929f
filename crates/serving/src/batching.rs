//! Adaptive micro-batching: calls that arrive while a replica computes are computed together as soon
//! as it is done. Nothing waits for company, so a lone call is as fast as without; under load the
//! batches grow by themselves, up to [`crate::DeploymentSpec::batch`].

use crate::call::{Answer, Call};
use crate::replica::{
    Batches, Departure, Facts, Joins, LaunchError, LaunchOrder, Reached, Replica, ReplicaError,
    ReplicaLauncher,
};
use crate::spec::DeploymentSpec;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

/// A batch takes no further call once its bodies have this many bytes together.
const ENOUGH: usize = 16 << 20;

/// Puts batching before the replicas of another launcher, where the deployment wants it and the
/// replica's handler allows it.
pub struct BatchingLauncher {
    inner: Arc<dyn ReplicaLauncher>,
}

impl BatchingLauncher {
    /// Over another launcher.
    pub fn new(inner: Arc<dyn ReplicaLauncher>) -> Self {
        Self { inner }
    }
}

#[async_trait::async_trait]
impl ReplicaLauncher for BatchingLauncher {
    async fn launch(&self, order: &LaunchOrder) -> Result<Arc<dyn Replica>, LaunchError> {
        let replica = self.inner.launch(order).await?;
        let most = order.deployment.batch;
        if most <= 1 || replica.facts().joins == Joins::Never {
            return Ok(replica);
        }
        Ok(Arc::new(BatchingReplica::new(replica, most)))
    }

    fn forget(&self, deployment: &Arc<DeploymentSpec>) {
        self.inner.forget(deployment);
    }
}

struct BatchingReplica {
    inner: Arc<dyn Replica>,
    facts: Facts,
    queue: mpsc::UnboundedSender<Waiting>,
    counts: Arc<Counts>,
    _driver: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct Counts {
    batches: AtomicU64,
    calls: AtomicU64,
}

/// A call and where its answer goes.
struct Waiting {
    call: Call,
    answer: oneshot::Sender<Result<Answer, ReplicaError>>,
}

impl BatchingReplica {
    fn new(inner: Arc<dyn Replica>, most: usize) -> Self {
        // One batch that runs and one that gathers meanwhile; the pool's queue bounds the rest.
        let facts = Facts {
            concurrency: most * 2,
            ..inner.facts().clone()
        };
        let (queue, waiting) = mpsc::unbounded_channel();
        let counts = Arc::new(Counts::default());
        let driver = drive(Arc::clone(&inner), waiting, most, Arc::clone(&counts));
        let driver = tokio::spawn(driver);
        Self {
            inner,
            facts,
            queue,
            counts,
            _driver: AbortOnDropHandle::new(driver),
        }
    }
}

async fn drive(
    inner: Arc<dyn Replica>,
    mut waiting: mpsc::UnboundedReceiver<Waiting>,
    most: usize,
    counts: Arc<Counts>,
) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(first) => first,
            None => match waiting.recv().await {
                Some(first) => first,
                None => return,
            },
        };
        let (batch, left) = gather(first, &mut waiting, most);
        next = left;
        let (calls, senders): (Vec<Call>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.call, waiting.answer))
            .unzip();
        counts.batches.fetch_add(1, Relaxed);
        counts.calls.fetch_add(calls.len() as u64, Relaxed);
        let answers = inner.invoke_many(&calls).await;
        for (sender, answer) in senders.into_iter().zip(answers) {
            // A caller who left needs no answer.
            drop(sender.send(answer));
        }
    }
}

/// What is there already, up to the limits, and the first call that did not go in.
fn gather(
    first: Waiting,
    waiting: &mut mpsc::UnboundedReceiver<Waiting>,
    most: usize,
) -> (Vec<Waiting>, Option<Waiting>) {
    let mut bytes = first.call.body.len();
    let mut joins = first.call.joins;
    let mut batch = vec![first];
    while joins == Joins::Rows && batch.len() < most && bytes < ENOUGH {
        let Ok(another) = waiting.try_recv() else {
            break;
        };
        if another.answer.is_closed() {
            continue;
        }
        joins = another.call.joins;
        if joins == Joins::Never {
            return (batch, Some(another));
        }
        bytes += another.call.body.len();
        batch.push(another);
    }
    (batch, None)
}

#[async_trait::async_trait]
impl Replica for BatchingReplica {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    async fn invoke(&self, call: &Call) -> Result<Answer, ReplicaError> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            call: call.clone(),
            answer,
        };
        if self.queue.send(waiting).is_ok()
            && let Ok(answer) = answered.await
        {
            return answer;
        }
        let departure = self.inner.gone().await;
        Err(ReplicaError::Gone {
            departure,
            reached: Reached::Perhaps,
        })
    }

    fn batches(&self) -> Batches {
        Batches {
            batches: self.counts.batches.load(Relaxed),
            calls: self.counts.calls.load(Relaxed),
        }
    }

    async fn gone(&self) -> Departure {
        self.inner.gone().await
    }

    async fn stop(&self, grace: Duration) {
        self.inner.stop(grace).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use tokio::time::Instant;

    fn waiting(joins: Joins, size: usize) -> Waiting {
        let call = Call {
            content_type: String::new(),
            accept: String::new(),
            body: Bytes::from(vec![0; size]),
            deadline: Instant::now(),
            joins,
        };
        // The receiver is kept so that the caller counts as present.
        let (answer, receiver) = oneshot::channel();
        std::mem::forget(receiver);
        Waiting { call, answer }
    }

    #[test]
    fn batches_take_what_is_there_up_to_their_limits() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let sizes = |batch: &[Waiting]| batch.iter().map(|w| w.call.body.len()).collect::<Vec<_>>();
        for size in 2..=6 {
            assert!(sender.send(waiting(Joins::Rows, size)).is_ok());
        }
        let (batch, left) = gather(waiting(Joins::Rows, 1), &mut receiver, 4);
        assert_eq!((sizes(&batch), left.is_none()), (vec![1, 2, 3, 4], true));
        // One that must be alone ends a batch and is one of its own.
        assert!(sender.send(waiting(Joins::Never, 7)).is_ok());
        assert!(sender.send(waiting(Joins::Rows, 8)).is_ok());
        let (batch, left) = gather(waiting(Joins::Rows, 0), &mut receiver, 10);
        assert_eq!(sizes(&batch), [0, 5, 6]);
        let (batch, left) = gather(left.unwrap(), &mut receiver, 10);
        assert_eq!((sizes(&batch), left.is_none()), (vec![7], true));
        let (batch, _) = gather(waiting(Joins::Rows, ENOUGH), &mut receiver, 10);
        assert_eq!(batch.len(), 1);
    }
}
