//! One endpoint: its routing table, and the task that brings it to the desired state.

mod probation;
mod roll;
mod status;

use crate::budget::Budget;
use crate::call::{Answer, Call, Request, Response};
use crate::capture::{Captured, Recorder};
use crate::error::Error;
use crate::figures::Counters;
use crate::pool::{Outcome, Pool};
use crate::replica::{Joins, ReplicaLauncher};
use crate::spec::{DeploymentSpec, EndpointKey, EndpointSpec, Limits};
use crate::traces::{Parent, Slowest, Spans, Stages, Trace};
use crate::traffic::{Canaries, Rules, Sampler, Shown};
use contracts::data_plane::CanaryReport;
use domain::Name;
use domain::endpoint::Retry;
use domain::traffic::Capture;
use http::HeaderMap;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// What an endpoint shall be.
#[derive(Debug, Clone)]
pub(crate) struct Desired {
    pub(crate) generation: u64,
    /// None: it shall be gone.
    pub(crate) spec: Option<Arc<EndpointSpec>>,
}

/// What requests reach.
struct Table {
    generation: u64,
    limits: Limits,
    variants: Vec<Variant>,
    rules: Rules,
    capture: Option<Capturing>,
}

/// What of the requests is kept, and where.
struct Capturing {
    sampler: Sampler,
    what: Arc<Capture>,
    recorder: Recorder,
}

#[derive(Clone)]
struct Variant {
    spec: Arc<DeploymentSpec>,
    pool: Arc<Pool>,
}

/// What is being started to take over, and for which generation.
#[derive(Default, Clone)]
struct Incoming {
    generation: u64,
    variants: Vec<Variant>,
}

/// What all endpoints of a server have in common.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) launcher: Arc<dyn ReplicaLauncher>,
    pub(crate) budget: Arc<Budget>,
    /// Told of every change.
    pub(crate) announce: watch::Sender<u64>,
    pub(crate) recorder: Option<Recorder>,
    pub(crate) spans: Option<Spans>,
}

/// One endpoint.
pub(crate) struct Endpoint {
    key: EndpointKey,
    around: Around,
    desired: watch::Sender<Desired>,
    table: RwLock<Option<Arc<Table>>>,
    incoming: Mutex<Incoming>,
    /// By name and model.
    counters: Mutex<BTreeMap<(Name, String), Arc<Counters>>>,
    judged: Mutex<Option<CanaryReport>>,
    slowest: Slowest,
    draining: TaskTracker,
}

/// A request that meets a closed pool looks again; each look sees a newer table.
const MOST_LOOKS: u32 = 16;

impl Endpoint {
    /// An endpoint whose task begins at once.
    pub(crate) fn start(key: EndpointKey, around: Around, desired: Desired) -> Arc<Self> {
        let (sender, receiver) = watch::channel(desired);
        let endpoint = Arc::new(Self {
            key,
            around,
            desired: sender,
            table: RwLock::new(None),
            incoming: Mutex::default(),
            counters: Mutex::new(BTreeMap::new()),
            judged: Mutex::default(),
            slowest: Slowest::new(),
            draining: TaskTracker::new(),
        });
        // The table is there before the first request can be.
        let first = receiver.borrow().clone();
        if let Some(spec) = &first.spec {
            let variants = endpoint.variants(spec);
            endpoint.install(spec, first.generation, variants);
        }
        let task = Arc::clone(&endpoint);
        endpoint.draining.spawn(task.follow(receiver));
        endpoint.watch_canary();
        endpoint
    }

    /// Sets the desired state; refuses an older generation, and another spec for the present one.
    pub(crate) fn apply(&self, spec: Arc<EndpointSpec>, generation: u64) -> Result<(), Error> {
        let mut verdict = Ok(());
        self.desired.send_if_modified(|desired| {
            let same = desired.spec.as_ref() == Some(&spec);
            if generation == desired.generation && same {
                return false;
            }
            if generation <= desired.generation {
                let present = desired.generation;
                verdict = Err(Error::Stale {
                    given: generation,
                    present,
                });
                return false;
            }
            *desired = Desired {
                generation,
                spec: Some(Arc::clone(&spec)),
            };
            true
        });
        verdict
    }

    /// The slowest requests of the last minutes.
    pub(crate) fn traces(&self) -> Vec<Trace> {
        self.slowest.traces()
    }

    /// Takes it down; completes when no replica is left.
    pub(crate) async fn remove(&self) {
        self.desired.send_modify(|desired| desired.spec = None);
        self.draining.close();
        self.draining.wait().await;
    }

    /// Answers a request.
    pub(crate) async fn invoke(&self, request: Request) -> Result<Response, Error> {
        let began = Instant::now();
        let patience = request.deadline.min(Duration::from_hours(24));
        let call = Arc::new(Call {
            content_type: request.content_type,
            accept: request.accept,
            body: request.body,
            deadline: began + patience,
            joins: Joins::Rows,
            stages: Stages::begin(Parent::of(&request.headers)),
        });
        let (wanted, headers) = (request.variant, request.headers);
        let mut canaries = Canaries::Asked;
        for _ in 0..MOST_LOOKS {
            let Some(table) = self.table() else { break };
            let place = table.choose(&self.key, wanted.as_ref(), (&headers, &*call), canaries)?;
            let variant = &table.variants[place];
            let counters = variant.pool.counters();
            let (bytes, most) = (call.body.len(), table.limits.request_bytes);
            if bytes > most {
                let error = Error::TooLarge { bytes, most };
                counters.count(Err(&error));
                return Err(error);
            }
            let asked = Instant::now();
            let Outcome::Done(result) = variant.pool.invoke(&call).await else {
                continue;
            };
            counters.count(result.as_ref().map(|_| asked.elapsed()));
            let name = variant.spec.name.as_str();
            let outcome = || {
                let error = result.as_ref().err();
                error.map_or_else(|| "answered".to_owned(), ToString::to_string)
            };
            let lasted = began.elapsed();
            self.slowest.hear(name, &call.stages, lasted, outcome);
            if let Some(spans) = &self.around.spans {
                spans.hear((&self.key, name), &call.stages, lasted, outcome);
            }
            if failed(&result) {
                counters
                    .failed_answers
                    .fetch_add(result.is_ok().into(), Relaxed);
                let others_may = wanted.is_none() && table.rules.on_probation(place);
                let again = variant.spec.retry == Retry::Once && Instant::now() < call.deadline;
                if others_may && again && canaries == Canaries::Asked {
                    counters.rescued.fetch_add(1, Relaxed);
                    canaries = Canaries::Spared;
                    continue;
                }
            }
            let answer = result?;
            table.after(&self.key, place, &call, &answer, patience);
            return Ok(Response {
                status: answer.status,
                content_type: answer.content_type,
                headers: answer.headers,
                body: answer.body,
                variant: variant.spec.name.clone(),
                model: variant.spec.model.clone(),
                datatype: answer.datatype,
                latency: began.elapsed(),
            });
        }
        Err(Error::NoEndpoint(self.key.clone()))
    }
}

/// Whether it is the deployment's failure and not the caller's.
fn failed(result: &Result<Answer, Error>) -> bool {
    match result {
        Ok(answer) => answer.status.is_server_error(),
        Err(error) => !matches!(error, Error::Refused { .. }),
    }
}

impl Table {
    /// The place of the deployment that a request reaches.
    fn choose(
        &self,
        endpoint: &EndpointKey,
        wanted: Option<&Name>,
        (headers, call): (&HeaderMap, &Call),
        canaries: Canaries,
    ) -> Result<usize, Error> {
        let Some(name) = wanted else {
            let body = &call.body;
            return Ok(self.rules.choose(&Shown { headers, body }, canaries));
        };
        let mut variants = self.variants.iter();
        let found = variants.position(|variant| variant.spec.name == *name);
        found.ok_or_else(|| Error::NoVariant {
            endpoint: endpoint.clone(),
            variant: name.clone(),
        })
    }

    /// What comes of a request when its caller has been served: copies and records.
    fn after(
        &self,
        endpoint: &EndpointKey,
        place: usize,
        call: &Call,
        answer: &Answer,
        patience: Duration,
    ) {
        for shadow in &self.rules.shadows {
            if shadow.place != place {
                let pool = &self.variants[shadow.place].pool;
                shadow.copy(pool, call, answer, patience);
            }
        }
        if let Some(capturing) = &self.capture
            && answer.status.is_success()
            && capturing.sampler.take()
        {
            capturing.recorder.record(Captured {
                endpoint: endpoint.clone(),
                variant: self.variants[place].spec.name.clone(),
                what: Arc::clone(&capturing.what),
                request: (call.content_type.clone(), call.body.clone()),
                answer: (answer.content_type.clone(), answer.body.clone()),
            });
        }
    }
}
