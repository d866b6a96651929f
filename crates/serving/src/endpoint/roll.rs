//! Brings an endpoint to its desired state: what is new starts first and takes over when all of it
//! is ready; only then is what is old drained.

use super::{Capturing, Desired, Endpoint, Incoming, Table, Variant};
use crate::figures::Counters;
use crate::pool::{Parts, Pool};
use crate::spec::{DeploymentSpec, EndpointSpec};
use crate::traffic::{Rules, Sampler};
use std::sync::{Arc, PoisonError};
use tokio::sync::watch;

impl Endpoint {
    pub(super) async fn follow(self: Arc<Self>, mut desired: watch::Receiver<Desired>) {
        loop {
            let wanted = desired.borrow_and_update().clone();
            let Some(spec) = wanted.spec else { break };
            if self
                .table()
                .is_none_or(|table| table.generation != wanted.generation)
            {
                let fresh = self.roll(&spec, wanted.generation, &mut desired).await;
                if !fresh {
                    continue;
                }
            }
            if desired.changed().await.is_err() {
                break;
            }
        }
        let table = self
            .table
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
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
        self.set_incoming(generation, fresh.clone());
        self.tell();
        let full = futures::future::join_all(fresh.iter().map(|variant| variant.pool.full()));
        tokio::select! {
            biased;
            _ = desired.changed() => {
                self.set_incoming(generation, Vec::new());
                for variant in fresh {
                    self.discard(variant.pool);
                }
                return false;
            }
            _ = full => {}
        }
        for variant in &variants {
            variant
                .pool
                .bound(variant.spec.replicas, variant.spec.most_replicas);
        }
        let old = self.install(spec, generation, variants);
        self.watch_canary();
        self.set_incoming(generation, Vec::new());
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
    pub(super) fn variants(&self, spec: &EndpointSpec) -> Vec<Variant> {
        let table = self.table();
        let present = table
            .as_ref()
            .map(|table| table.variants.as_slice())
            .unwrap_or_default();
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
                    launcher: Arc::clone(&self.around.launcher),
                    counters: self.counters(deployment),
                    budget: Arc::clone(&self.around.budget),
                    announce: self.around.announce.clone(),
                }),
            };
            variants.push(Variant { spec: wanted, pool });
        }
        variants
    }

    pub(super) fn install(
        &self,
        spec: &EndpointSpec,
        generation: u64,
        variants: Vec<Variant>,
    ) -> Option<Arc<Table>> {
        let recorder = self.around.recorder.as_ref();
        let capture = spec.capture.as_ref().zip(recorder);
        let table = Arc::new(Table {
            generation,
            limits: spec.limits,
            variants,
            rules: Rules::new(spec),
            capture: capture.map(|(capture, recorder)| Capturing {
                sampler: Sampler::new(capture.share),
                what: Arc::new(capture.clone()),
                recorder: recorder.clone(),
            }),
        });
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

    pub(super) fn table(&self) -> Option<Arc<Table>> {
        self.table
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_incoming(&self, generation: u64, variants: Vec<Variant>) {
        let incoming = Incoming {
            generation,
            variants,
        };
        *self.incoming.lock().unwrap_or_else(PoisonError::into_inner) = incoming;
    }

    /// What is counted of a deployment: another model under the same name begins anew.
    fn counters(&self, deployment: &DeploymentSpec) -> Arc<Counters> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let which = (deployment.name.clone(), deployment.model.clone());
        Arc::clone(counters.entry(which).or_default())
    }

    pub(super) fn tell(&self) {
        self.around.announce.send_modify(|count| *count += 1);
    }
}
