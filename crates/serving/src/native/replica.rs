//! A replica inside this process, with a Python worker behind it for what it does not answer.

use super::answer::answer;
use super::compare::{Comparison, output};
use crate::call::{Answer, Call};
use crate::replica::{
    Birth, Departure, Engine, Facts, Joins, LaunchError, LaunchOrder, Reached, Replica,
    ReplicaError, ReplicaLauncher, Signature,
};
use predictors::Predictor;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::time::Instant;

/// Calls that are answered at a time.
const CONCURRENCY: usize = 256;
/// Bodies up to this size, and estimates up to this effort, are computed where they are asked: a
/// thread of their own would cost more.
const SMALL_BODY: usize = 64 * 1024;
const SMALL_EFFORT: usize = 400_000;
/// The Python worker behind ends after this time without a call.
const IDLE: Duration = Duration::from_mins(1);

pub(super) struct NativeReplica {
    predictor: Arc<Predictor>,
    facts: Facts,
    response_limit: usize,
    computing: Arc<Semaphore>,
    behind: Arc<Behind>,
    ended: watch::Sender<Option<Departure>>,
}

/// The Python worker, launched when it is first needed.
struct Behind {
    order: LaunchOrder,
    launcher: Arc<dyn ReplicaLauncher>,
    state: Mutex<Option<Worker>>,
}

struct Worker {
    replica: Arc<dyn Replica>,
    used: Instant,
}

impl NativeReplica {
    pub(super) fn new(
        predictor: Arc<Predictor>,
        comparison: Comparison,
        order: LaunchOrder,
        launcher: Arc<dyn ReplicaLauncher>,
        computing: Arc<Semaphore>,
    ) -> Self {
        let signature = Signature {
            features: u32::try_from(predictor.features()).unwrap_or(u32::MAX),
            names: predictor.names().map(<[String]>::to_vec),
            output: output(&predictor).to_owned(),
        };
        let facts = Facts {
            form: "saved".to_owned(),
            runtime: format!("tradewind {}", env!("CARGO_PKG_VERSION")),
            load: Duration::ZERO,
            process: None,
            birth: Birth::Fresh,
            concurrency: CONCURRENCY,
            joins: Joins::Never,
            signature: Some(signature),
            engine: Engine::Native {
                family: predictor.family().to_owned(),
                comparison,
            },
            lacks: Vec::new(),
        };
        Self {
            predictor,
            facts,
            response_limit: order.limits.response_bytes,
            computing,
            behind: Arc::new(Behind {
                order: LaunchOrder {
                    engine: Engine::Python(Some("it answers what is not answered here".to_owned())),
                    ..order
                },
                launcher,
                state: Mutex::default(),
            }),
            ended: watch::Sender::new(None),
        }
    }

    /// The answer computed here; none when Python must be asked.
    async fn compute(&self, call: &Call) -> Option<Answer> {
        if self.is_small(call) {
            return self.compute_here(call);
        }
        let permit = Arc::clone(&self.computing).acquire_owned().await.ok()?;
        let (predictor, call) = (Arc::clone(&self.predictor), call.clone());
        let compute = move || {
            let found = answer(&predictor, &call.content_type, &call.accept, &call.body);
            drop(permit);
            found
        };
        let found = tokio::task::spawn_blocking(compute).await.ok()?;
        found.filter(|answer| answer.body.len() <= self.response_limit)
    }

    fn is_small(&self, call: &Call) -> bool {
        let rows = call.body.len() / (2 * self.predictor.features()) + 1;
        call.body.len() <= SMALL_BODY
            && rows.saturating_mul(self.predictor.effort()) <= SMALL_EFFORT
    }

    fn compute_here(&self, call: &Call) -> Option<Answer> {
        let (content_type, accept) = (&call.content_type, &call.accept);
        let found = answer(&self.predictor, content_type, accept, &call.body);
        found.filter(|answer| answer.body.len() <= self.response_limit)
    }

    fn end(&self, departure: Departure) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            ended.get_or_insert(departure);
            first
        });
    }
}

impl Behind {
    /// The worker, launched when there is none.
    async fn worker(self: &Arc<Self>) -> Result<Arc<dyn Replica>, LaunchError> {
        let mut state = self.state.lock().await;
        if let Some(worker) = &mut *state {
            worker.used = Instant::now();
            return Ok(Arc::clone(&worker.replica));
        }
        let replica = self.launcher.launch(&self.order).await?;
        *state = Some(Worker {
            replica: Arc::clone(&replica),
            used: Instant::now(),
        });
        tokio::spawn(end_when_idle(Arc::downgrade(self)));
        Ok(replica)
    }

    async fn stop(&self, grace: Duration) {
        let worker = self.state.lock().await.take();
        if let Some(worker) = worker {
            worker.replica.stop(grace).await;
        }
    }
}

/// Ends the worker behind once nobody has needed it for a while.
async fn end_when_idle(behind: std::sync::Weak<Behind>) {
    loop {
        tokio::time::sleep(IDLE).await;
        let Some(behind) = behind.upgrade() else {
            return;
        };
        let mut state = behind.state.lock().await;
        let Some(worker) = &*state else { return };
        // One reference is ours; another is a call that is being answered.
        if worker.used.elapsed() < IDLE || Arc::strong_count(&worker.replica) > 1 {
            continue;
        }
        let worker = state.take();
        drop(state);
        if let Some(worker) = worker {
            worker
                .replica
                .stop(behind.order.deployment.timing.stop)
                .await;
            behind.launcher.rest(&behind.order.deployment);
        }
        return;
    }
}

fn no_worker(error: LaunchError) -> ReplicaError {
    match error {
        LaunchError::Fault(fault) => ReplicaError::Fault(fault),
        other => {
            let how = format!("the python worker behind it did not start: {other}");
            ReplicaError::Gone {
                departure: Departure {
                    how,
                    last_words: String::new(),
                    memory_used_up: false,
                },
                reached: Reached::No,
            }
        }
    }
}

#[async_trait::async_trait]
impl Replica for NativeReplica {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn at_once(&self, call: &Call) -> Option<Answer> {
        let here = self.is_small(call) && self.ended.borrow().is_none();
        here.then(|| self.compute_here(call)).flatten()
    }

    async fn invoke(&self, call: &Call) -> Result<Answer, ReplicaError> {
        if let Some(departure) = self.ended.borrow().clone() {
            return Err(ReplicaError::Gone {
                departure,
                reached: Reached::No,
            });
        }
        if let Some(answer) = self.compute(call).await {
            return Ok(answer);
        }
        let worker = self.behind.worker().await.map_err(no_worker);
        let answered = match worker {
            Ok(worker) => worker.invoke(call).await,
            Err(error) => Err(error),
        };
        if let Err(ReplicaError::Gone { departure, .. }) = &answered {
            self.end(departure.clone());
        }
        answered
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

    async fn stop(&self, grace: Duration) {
        self.end(Departure {
            how: "stopped".to_owned(),
            last_words: String::new(),
            memory_used_up: false,
        });
        self.behind.stop(grace).await;
    }
}
