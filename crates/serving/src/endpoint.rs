//! One endpoint: its routing table, and the task that brings it to the desired state.

use crate::call::{Call, Request, Response};
use crate::error::Error;
use crate::figures::Counters;
use crate::pool::{Outcome, Parts, Pool};
use crate::replica::ReplicaLauncher;
use crate::spec::{DeploymentSpec, EndpointKey, EndpointSpec, Limits};
use crate::split::Split;
use crate::status::{DeploymentStatus, EndpointStatus, Phase, Role};
use domain::Name;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
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

/// One endpoint.
pub(crate) struct Endpoint {
    key: EndpointKey,
    launcher: Arc<dyn ReplicaLauncher>,
    announce: watch::Sender<u64>,
    desired: watch::Sender<Desired>,
    table: RwLock<Option<Arc<Table>>>,
    incoming: Mutex<Vec<Variant>>,
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
        announce: watch::Sender<u64>,
        desired: Desired,
    ) -> Arc<Self> {
        let (sender, receiver) = watch::channel(desired);
        let endpoint = Arc::new(Self {
            key,
            launcher,
            announce,
            desired: sender,
            table: RwLock::new(None),
            incoming: Mutex::new(Vec::new()),
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
                verdict = Err(Error::Stale { given: generation, present });
                return false;
            }
            *desired = Desired { generation, spec: Some(Arc::clone(&spec)) };
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

    async fn follow(self: Arc<Self>, mut desired: watch::Receiver<Desired>) {
        loop {
            let wanted = desired.borrow_and_update().clone();
            let Some(spec) = wanted.spec else { break };
            if self.table().is_none_or(|table| table.generation != wanted.generation) {
                let fresh = self.roll(&spec, wanted.generation, &mut desired).await;
                if !fresh {
                    continue;
                }
            }
            if desired.changed().await.is_err() {
                break;
            }
        }
        let table = self.table.write().unwrap_or_else(PoisonError::into_inner).take();
        let pools = table.iter().flat_map(|table| table.variants.iter());
        futures::future::join_all(pools.map(|variant| variant.pool.drain())).await;
        self.tell();
    }

    /// Starts what is new, lets it take over when all of it is ready, drains what is old. False
    /// when a newer desired state came first.
    async fn roll(
        self: &Arc<Self>,
        spec: &Arc<EndpointSpec>,
        generation: u64,
        desired: &mut watch::Receiver<Desired>,
    ) -> bool {
        let variants = self.variants(spec);
        let fresh: Vec<Variant> = variants
            .iter()
            .filter(|variant| !self.serves(&variant.pool))
            .cloned()
            .collect();
        self.set_incoming(fresh.clone());
        self.tell();
        let full = futures::future::join_all(fresh.iter().map(|variant| variant.pool.full()));
        tokio::select! {
            biased;
            _ = desired.changed() => {
                self.set_incoming(Vec::new());
                for variant in fresh {
                    self.discard(variant.pool);
                }
                return false;
            }
            _ = full => {}
        }
        for variant in &variants {
            variant.pool.resize(variant.spec.replicas);
        }
        let old = self.install(spec, generation, variants);
        self.set_incoming(Vec::new());
        if let Some(old) = old {
            for variant in &old.variants {
                if !self.serves(&variant.pool) {
                    self.discard(Arc::clone(&variant.pool));
                }
            }
        }
        true
    }

    /// The variants of a spec: pools of ours whose replicas may stay, new pools for the rest.
    fn variants(&self, spec: &EndpointSpec) -> Vec<Variant> {
        let table = self.table();
        let present = table.as_ref().map(|table| table.variants.as_slice()).unwrap_or_default();
        let mut variants = Vec::with_capacity(spec.deployments.len());
        for deployment in &spec.deployments {
            let wanted = Arc::new(deployment.clone());
            let kept = present.iter().find(|variant| {
                variant.pool.spec().same_replicas(deployment)
                    && variant.pool.limits() == spec.limits
            });
            let pool = match kept {
                Some(variant) => Arc::clone(&variant.pool),
                None => Pool::start(Parts {
                    endpoint: self.key.clone(),
                    spec: Arc::clone(&wanted),
                    limits: spec.limits,
                    launcher: Arc::clone(&self.launcher),
                    counters: self.counters(&deployment.name),
                    announce: self.announce.clone(),
                }),
            };
            variants.push(Variant { spec: wanted, pool });
        }
        variants
    }

    fn install(
        &self,
        spec: &EndpointSpec,
        generation: u64,
        variants: Vec<Variant>,
    ) -> Option<Arc<Table>> {
        let shares = variants.iter().map(|variant| variant.spec.share.basis_points()).collect();
        let split = Split::new(shares);
        let table = Arc::new(Table { generation, limits: spec.limits, variants, split });
        let old = {
            let mut place = self.table.write().unwrap_or_else(PoisonError::into_inner);
            place.replace(table)
        };
        self.tell();
        old
    }

    fn discard(&self, pool: Arc<Pool>) {
        self.draining.spawn(async move { pool.drain().await });
    }

    fn serves(&self, pool: &Arc<Pool>) -> bool {
        let table = self.table();
        table.is_some_and(|table| table.variants.iter().any(|v| Arc::ptr_eq(&v.pool, pool)))
    }

    fn table(&self) -> Option<Arc<Table>> {
        self.table.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_incoming(&self, variants: Vec<Variant>) {
        *self.incoming.lock().unwrap_or_else(PoisonError::into_inner) = variants;
    }

    fn counters(&self, name: &Name) -> Arc<Counters> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counters.entry(name.clone()).or_default())
    }

    fn tell(&self) {
        self.announce.send_modify(|count| *count += 1);
    }

    /// Answers a request.
    pub(crate) async fn invoke(&self, request: Request) -> Result<Response, Error> {
        let began = Instant::now();
        let call = Arc::new(Call {
            content_type: request.content_type,
            accept: request.accept,
            body: request.body,
            deadline: began + request.deadline.min(Duration::from_secs(24 * 3600)),
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
            let Outcome::Done(result) = variant.pool.invoke(&call).await else { continue };
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

    /// What is seen of it.
    pub(crate) fn status(&self) -> EndpointStatus {
        let generation = self.desired.borrow().generation;
        let table = self.table();
        let serving = table.as_ref().map(|table| table.generation);
        let mut deployments = Vec::new();
        let present = table.iter().flat_map(|table| table.variants.iter());
        deployments.extend(present.map(|variant| variant.status(Role::Serving)));
        let incoming = self.incoming.lock().unwrap_or_else(PoisonError::into_inner).clone();
        deployments.extend(incoming.iter().map(|variant| variant.status(Role::Incoming)));
        let phase = phase(serving == Some(generation), &deployments);
        EndpointStatus { key: self.key.clone(), generation, serving, phase, deployments }
    }
}

fn phase(current: bool, deployments: &[DeploymentStatus]) -> Phase {
    let relevant = if current { Role::Serving } else { Role::Incoming };
    for deployment in deployments.iter().filter(|deployment| deployment.role == relevant) {
        if let Some(trouble) = &deployment.trouble
            && deployment.ready < deployment.wanted
        {
            let message = format!("deployment `{}`: {trouble}", deployment.name);
            return Phase::Failing { message };
        }
    }
    let ready = |deployment: &DeploymentStatus| {
        deployment.ready >= deployment.wanted || deployment.figures.launched > 0
    };
    match current {
        true if deployments.iter().all(ready) => Phase::Ready,
        true => Phase::Creating,
        false => Phase::Updating,
    }
}

impl Table {
    fn choose(&self, endpoint: &EndpointKey, wanted: Option<&Name>) -> Result<&Variant, Error> {
        match wanted {
            None => Ok(&self.variants[self.split.next()]),
            Some(name) => {
                let found = self.variants.iter().find(|variant| variant.spec.name == *name);
                found.ok_or_else(|| Error::NoVariant {
                    endpoint: endpoint.clone(),
                    variant: name.clone(),
                })
            }
        }
    }
}

impl Variant {
    fn status(&self, role: Role) -> DeploymentStatus {
        let glimpse = self.pool.glimpse();
        DeploymentStatus {
            name: self.spec.name.clone(),
            model: self.spec.model.clone(),
            share: self.spec.share,
            role,
            wanted: glimpse.wanted,
            ready: glimpse.ready,
            starting: glimpse.starting,
            running: glimpse.running,
            waiting: glimpse.waiting,
            trouble: glimpse.trouble,
            replicas: glimpse.replicas,
            figures: self.pool.counters().figures(),
        }
    }
}
