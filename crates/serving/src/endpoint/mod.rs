//! One endpoint: its routing table, and the task that brings it to the desired state.

mod roll;
mod status;

use crate::budget::Budget;
use crate::call::{Call, Request, Response};
use crate::error::Error;
use crate::figures::Counters;
use crate::pool::{Outcome, Pool};
use crate::replica::{Joins, ReplicaLauncher};
use crate::spec::{DeploymentSpec, EndpointKey, EndpointSpec, Limits};
use crate::split::Split;
use domain::Name;
use std::collections::BTreeMap;
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
    split: Split,
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

/// One endpoint.
pub(crate) struct Endpoint {
    key: EndpointKey,
    launcher: Arc<dyn ReplicaLauncher>,
    budget: Arc<Budget>,
    announce: watch::Sender<u64>,
    desired: watch::Sender<Desired>,
    table: RwLock<Option<Arc<Table>>>,
    incoming: Mutex<Incoming>,
    counters: Mutex<BTreeMap<Name, Arc<Counters>>>,
    draining: TaskTracker,
}

/// A request that meets a closed pool looks again; each look sees a newer table.
const MOST_LOOKS: u32 = 16;

impl Endpoint {
    /// An endpoint whose task begins at once.
    pub(crate) fn start(
        key: EndpointKey,
        launcher: Arc<dyn ReplicaLauncher>,
        budget: Arc<Budget>,
        announce: watch::Sender<u64>,
        desired: Desired,
    ) -> Arc<Self> {
        let (sender, receiver) = watch::channel(desired);
        let endpoint = Arc::new(Self {
            key,
            launcher,
            budget,
            announce,
            desired: sender,
            table: RwLock::new(None),
            incoming: Mutex::default(),
            counters: Mutex::new(BTreeMap::new()),
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

    /// Takes it down; completes when no replica is left.
    pub(crate) async fn remove(&self) {
        self.desired.send_modify(|desired| desired.spec = None);
        self.draining.close();
        self.draining.wait().await;
    }

    /// Answers a request.
    pub(crate) async fn invoke(&self, request: Request) -> Result<Response, Error> {
        let began = Instant::now();
        let call = Arc::new(Call {
            content_type: request.content_type,
            accept: request.accept,
            body: request.body,
            deadline: began + request.deadline.min(Duration::from_hours(24)),
            joins: Joins::Rows,
        });
        for _ in 0..MOST_LOOKS {
            let Some(table) = self.table() else { break };
            let variant = table.choose(&self.key, request.variant.as_ref())?;
            let counters = variant.pool.counters();
            let (bytes, most) = (call.body.len(), table.limits.request_bytes);
            if bytes > most {
                let error = Error::TooLarge { bytes, most };
                counters.count(Err(&error));
                return Err(error);
            }
            let Outcome::Done(result) = variant.pool.invoke(&call).await else {
                continue;
            };
            let latency = began.elapsed();
            counters.count(result.as_ref().map(|_| latency));
            let answer = result?;
            return Ok(Response {
                status: answer.status,
                content_type: answer.content_type,
                headers: answer.headers,
                body: answer.body,
                variant: variant.spec.name.clone(),
                model: variant.spec.model.clone(),
                datatype: answer.datatype,
                latency,
            });
        }
        Err(Error::NoEndpoint(self.key.clone()))
    }
}

impl Table {
    fn choose(&self, endpoint: &EndpointKey, wanted: Option<&Name>) -> Result<&Variant, Error> {
        match wanted {
            None => Ok(&self.variants[self.split.next()]),
            Some(name) => {
                let found = self
                    .variants
                    .iter()
                    .find(|variant| variant.spec.name == *name);
                found.ok_or_else(|| Error::NoVariant {
                    endpoint: endpoint.clone(),
                    variant: name.clone(),
                })
            }
        }
    }
}
