//! What is seen of an endpoint.

use super::{Endpoint, Variant};
use crate::status::{DeploymentStatus, EndpointStatus, Phase, Role};
use std::sync::PoisonError;

impl Endpoint {
    /// What is seen of it.
    pub(crate) fn status(&self) -> EndpointStatus {
        let generation = self.desired.borrow().generation;
        let table = self.table();
        let serving = table.as_ref().map(|table| table.generation);
        let mut deployments = Vec::new();
        let present = table.iter().flat_map(|table| table.variants.iter());
        deployments.extend(present.map(|variant| variant.status(Role::Serving)));
        let incoming = self
            .incoming
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        // What was started for an older generation is about to be discarded.
        if incoming.generation == generation {
            let variants = incoming.variants.iter();
            deployments.extend(variants.map(|variant| variant.status(Role::Incoming)));
        }
        let phase = phase(serving == Some(generation), &deployments);
        EndpointStatus {
            key: self.key.clone(),
            generation,
            serving,
            phase,
            deployments,
        }
    }
}

fn phase(current: bool, deployments: &[DeploymentStatus]) -> Phase {
    let relevant = if current {
        Role::Serving
    } else {
        Role::Incoming
    };
    for deployment in deployments
        .iter()
        .filter(|deployment| deployment.role == relevant)
    {
        if let Some(trouble) = &deployment.trouble
            && deployment.ready < deployment.wanted.min(deployment.floor.max(1))
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

impl Variant {
    fn status(&self, role: Role) -> DeploymentStatus {
        let glimpse = self.pool.glimpse();
        DeploymentStatus {
            name: self.spec.name.clone(),
            model: self.spec.model.clone(),
            share: self.spec.share,
            role,
            wanted: glimpse.wanted,
            floor: glimpse.floor,
            most: glimpse.most,
            ready: glimpse.ready,
            starting: glimpse.starting,
            running: glimpse.running,
            waiting: glimpse.waiting,
            trouble: glimpse.trouble,
            replicas: glimpse.replicas,
            batches: glimpse.batches,
            figures: self.pool.counters().figures(),
        }
    }
}
