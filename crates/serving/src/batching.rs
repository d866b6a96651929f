//! Adaptive micro-batching: calls that arrive while a replica computes are computed together as soon
//! as it is done. A lone call is handed on by its own caller, as fast as without; under load the
//! batches grow by themselves, up to [`crate::DeploymentSpec::batch`].
//!
//! Callers that ask again as soon as they are answered would fall into two groups that take turns,
//! each waiting for the other. So a batch waits a moment for those that were there in the last round,
//! as long as that proves right.

mod gathering;
mod round;

use crate::call::{Answer, Call};
use crate::replica::{
    Batches, Departure, Facts, Joins, LaunchError, LaunchOrder, Reached, Replica, ReplicaError,
    ReplicaLauncher,
};
use crate::spec::DeploymentSpec;
use gathering::{Gathering, Waiting};
use round::{Patience, Round};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::task::AbortOnDropHandle;

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

    fn rest(&self, deployment: &Arc<DeploymentSpec>) {
        self.inner.rest(deployment);
    }

    fn forget(&self, deployment: &Arc<DeploymentSpec>) {
        self.inner.forget(deployment);
    }
}

struct BatchingReplica {
    inner: Arc<dyn Replica>,
    facts: Facts,
    queue: mpsc::UnboundedSender<Waiting>,
    round: Arc<Round>,
    counts: Arc<Counts>,
    _driver: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct Counts {
    batches: AtomicU64,
    calls: AtomicU64,
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
        let round = Arc::new(Round::new());
        let driver = Driver {
            inner: Arc::clone(&inner),
            waiting,
            most,
            round: Arc::clone(&round),
            counts: Arc::clone(&counts),
            patience: Patience::default(),
        };
        let driver = tokio::spawn(driver.run());
        Self {
            inner,
            facts,
            queue,
            round,
            counts,
            _driver: AbortOnDropHandle::new(driver),
        }
    }

    /// The answer to a call that nobody else is here with; none where somebody may be.
    async fn alone(&self, call: &Call) -> Option<Result<Answer, ReplicaError>> {
        if !self.round.is_lonely() {
            return None;
        }
        let _turn = self.round.turn.try_acquire().ok()?;
        self.round.turn_over();
        self.counts.batches.fetch_add(1, Relaxed);
        self.counts.calls.fetch_add(1, Relaxed);
        Some(self.inner.invoke(call).await)
    }
}

/// Computes what is in the queue.
struct Driver {
    inner: Arc<dyn Replica>,
    waiting: mpsc::UnboundedReceiver<Waiting>,
    most: usize,
    round: Arc<Round>,
    counts: Arc<Counts>,
    patience: Patience,
}

impl Driver {
    async fn run(mut self) {
        let mut next = None;
        loop {
            let first = match next.take() {
                Some(first) => first,
                None => match self.waiting.recv().await {
                    Some(first) => first,
                    None => return,
                },
            };
            let round = Arc::clone(&self.round);
            let Ok(_turn) = round.turn.acquire().await else {
                return;
            };
            let expected = round.turn_over().min(self.most);
            let mut gathering = Gathering::new(first);
            gathering.take(&mut self.waiting, self.most);
            if let Some(limit) = self.patience.with(gathering.batch.len(), expected) {
                let until = Instant::now() + limit;
                while gathering.is_open(expected) {
                    let Ok(Some(another)) = timeout_at(until, self.waiting.recv()).await else {
                        break;
                    };
                    gathering.add(another);
                    gathering.take(&mut self.waiting, self.most);
                }
                self.patience.learn(gathering.batch.len() >= expected);
            }
            let Gathering { batch, left, .. } = gathering;
            next = left;
            let (calls, senders): (Vec<Call>, Vec<_>) = batch
                .into_iter()
                .map(|waiting| {
                    waiting.call.stages.note("batch", waiting.since);
                    (waiting.call, waiting.answer)
                })
                .unzip();
            self.counts.batches.fetch_add(1, Relaxed);
            self.counts.calls.fetch_add(calls.len() as u64, Relaxed);
            let began = Instant::now();
            let answers = self.inner.invoke_many(&calls).await;
            self.patience.took = began.elapsed();
            for call in &calls {
                call.stages.note("predict", began);
            }
            for (sender, answer) in senders.into_iter().zip(answers) {
                // A caller who left needs no answer.
                drop(sender.send(answer));
            }
        }
    }
}

#[async_trait::async_trait]
impl Replica for BatchingReplica {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    async fn invoke(&self, call: &Call) -> Result<Answer, ReplicaError> {
        let _present = self.round.enter();
        if let Some(answer) = self.alone(call).await {
            return answer;
        }
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            call: call.clone(),
            answer,
            since: Instant::now(),
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
