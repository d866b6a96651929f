//! Replicas by forking: the first launch of a deployment loads code and model in a template, every
//! replica, the first one too, is a fork of it. A start is then a matter of milliseconds, and the
//! replicas share the model's memory until they write to it.

use super::PythonLauncher;
use super::replica::{Load, PythonReplica};
use super::template::{self, Start};
use crate::replica::{Birth, LaunchError, LaunchOrder, Replica, ReplicaLauncher};
use crate::spec::DeploymentSpec;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Launches Python workers by forking a template where that is safe, else as fresh processes, and
/// says which in [`crate::replica::Facts::birth`].
pub struct ForkLauncher {
    python: Arc<PythonLauncher>,
    /// By the address of the deployment, which its entry keeps alive.
    templates: Mutex<HashMap<usize, Entry>>,
}

#[derive(Clone)]
struct Entry {
    _deployment: Arc<DeploymentSpec>,
    start: Arc<OnceCell<Start>>,
}

impl ForkLauncher {
    /// Over a launcher of fresh processes, whose folder, variables and log are used.
    pub fn new(python: impl Into<Arc<PythonLauncher>>) -> Self {
        Self {
            python: python.into(),
            templates: Mutex::default(),
        }
    }

    fn entry(&self, deployment: &Arc<DeploymentSpec>) -> Arc<OnceCell<Start>> {
        let mut templates = self
            .templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let entry = templates
            .entry(address(deployment))
            .or_insert_with(|| Entry {
                _deployment: Arc::clone(deployment),
                start: Arc::default(),
            });
        Arc::clone(&entry.start)
    }

    /// Forgets a template that is gone, unless another has taken its place.
    fn discard(&self, deployment: &Arc<DeploymentSpec>, start: &Arc<OnceCell<Start>>) {
        let mut templates = self
            .templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let address = address(deployment);
        if templates
            .get(&address)
            .is_some_and(|entry| Arc::ptr_eq(&entry.start, start))
        {
            templates.remove(&address);
        }
    }

    async fn fresh(
        &self,
        order: &LaunchOrder,
        birth: Birth,
    ) -> Result<Arc<dyn Replica>, LaunchError> {
        let worker = self.python.spawn(order)?;
        let loaded = PythonReplica::load(worker, order, Load::Replica).await?;
        Ok(Arc::new(PythonReplica::new(loaded, birth, order)))
    }
}

fn address(deployment: &Arc<DeploymentSpec>) -> usize {
    Arc::as_ptr(deployment) as usize
}

#[async_trait::async_trait]
impl ReplicaLauncher for ForkLauncher {
    async fn launch(&self, order: &LaunchOrder) -> Result<Arc<dyn Replica>, LaunchError> {
        // A template that died since the last launch is replaced once.
        for _ in 0..2 {
            let entry = self.entry(&order.deployment);
            let start = entry
                .get_or_try_init(|| template::start(&self.python, order))
                .await?;
            let template = match start {
                Start::Ready(template) => template,
                Start::Unfit(reason) => {
                    return self.fresh(order, Birth::FreshBecause(reason.clone())).await;
                }
            };
            let Some(worker) = template.fork(order, &self.python.sink).await? else {
                self.discard(&order.deployment, &entry);
                continue;
            };
            let loaded = PythonReplica::load(worker, order, Load::Inherited).await?;
            return Ok(Arc::new(PythonReplica::new(loaded, Birth::Forked, order)));
        }
        let reason = "its templates ended before they could be forked".to_owned();
        self.fresh(order, Birth::FreshBecause(reason)).await
    }

    fn forget(&self, deployment: &Arc<DeploymentSpec>) {
        let mut templates = self
            .templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        templates.remove(&address(deployment));
    }
}
