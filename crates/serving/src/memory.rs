//! The reference launcher: replicas are a closure in this process. For tests of routing, and for
//! whoever writes another launcher to compare with.

use crate::call::{Answer, Call};
use crate::replica::{
    Birth, Departure, Facts, Joins, LaunchError, LaunchOrder, Reached, Replica, ReplicaError,
    ReplicaLauncher,
};
use futures::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What a replica of the reference does with a call.
pub type Behaviour =
    dyn Fn(LaunchOrder, Call) -> BoxFuture<'static, Result<Answer, ReplicaError>> + Send + Sync;
/// Whether a launch succeeds.
pub type Admission = dyn Fn(&LaunchOrder) -> Result<(), LaunchError> + Send + Sync;

/// Launches replicas that call a closure.
pub struct MemoryLauncher {
    admit: Arc<Admission>,
    behave: Arc<Behaviour>,
    concurrency: usize,
    alive: watch::Sender<usize>,
}

impl MemoryLauncher {
    /// Replicas that answer with `behave`, one call at a time, and always start.
    pub fn new(behave: Arc<Behaviour>) -> Self {
        let admit: Arc<Admission> = Arc::new(|_| Ok(()));
        Self {
            admit,
            behave,
            concurrency: 1,
            alive: watch::Sender::new(0),
        }
    }

    /// Decides over each launch.
    pub fn with_admission(mut self, admit: Arc<Admission>) -> Self {
        self.admit = admit;
        self
    }

    /// Replicas that take several calls at a time.
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// How many replicas are alive.
    pub fn alive(&self) -> watch::Receiver<usize> {
        self.alive.subscribe()
    }
}

struct MemoryReplica {
    order: LaunchOrder,
    facts: Facts,
    behave: Arc<Behaviour>,
    ended: watch::Sender<Option<Departure>>,
    alive: watch::Sender<usize>,
}

#[async_trait::async_trait]
impl ReplicaLauncher for MemoryLauncher {
    async fn launch(&self, order: &LaunchOrder) -> Result<Arc<dyn Replica>, LaunchError> {
        (self.admit)(order)?;
        self.alive.send_modify(|count| *count += 1);
        Ok(Arc::new(MemoryReplica {
            order: order.clone(),
            facts: Facts {
                form: "memory".to_owned(),
                runtime: "in process".to_owned(),
                load: Duration::ZERO,
                process: None,
                birth: Birth::Fresh,
                joins: Joins::Never,
                concurrency: self.concurrency,
                signature: None,
                engine: order.engine.clone(),
                lacks: Vec::new(),
            },
            behave: Arc::clone(&self.behave),
            ended: watch::Sender::new(None),
            alive: self.alive.clone(),
        }))
    }
}

impl MemoryReplica {
    fn end(&self, how: &str) {
        let departure = Departure {
            how: how.to_owned(),
            last_words: String::new(),
            memory_used_up: false,
        };
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert(departure);
            first
        });
    }
}

#[async_trait::async_trait]
impl Replica for MemoryReplica {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    async fn invoke(&self, call: &Call) -> Result<Answer, ReplicaError> {
        if let Some(departure) = self.ended.borrow().clone() {
            return Err(ReplicaError::Gone {
                departure,
                reached: Reached::No,
            });
        }
        let answer = tokio::select! {
            answer = (self.behave)(self.order.clone(), call.clone()) => answer,
            departure = self.gone() => {
                return Err(ReplicaError::Gone { departure, reached: Reached::Perhaps });
            }
        };
        if let Err(ReplicaError::Gone { departure, .. }) = &answer {
            self.end(&departure.how);
        }
        answer
    }

    async fn gone(&self) -> Departure {
        let mut ended = self.ended.subscribe();
        loop {
            if let Some(departure) = ended.borrow_and_update().clone() {
                return departure;
            }
            // The sender is ours, so this cannot fail while we are here.
            drop(ended.changed().await);
        }
    }

    async fn stop(&self, _grace: Duration) {
        self.end("stopped");
    }
}

impl Drop for MemoryReplica {
    fn drop(&mut self) {
        self.alive.send_modify(|count| *count -= 1);
    }
}
