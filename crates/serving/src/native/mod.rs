//! Models that are evaluated inside this process.
//!
//! Before the first replica of a deployment without code of its own is launched, its environment's
//! Python reads the model once into a form of ours (see `predictors`), together with some hundred
//! requests and what it answers to them. Only when everything that would be answered here is the
//! same is it answered here; otherwise, and for every request that is not understood to the last
//! detail, the Python worker answers, and the endpoint says why. What came of it is kept by the
//! content of model and environment, so that it is found out once.

mod answer;
mod compare;
mod decode;
mod encode;
mod kept;
mod media;
mod replica;
mod rows;
mod table;

pub use compare::Comparison;
pub(crate) use rows::rows;

use crate::python::{Exported, PythonLauncher};
use crate::replica::{Engine, LaunchError, LaunchOrder, Replica, ReplicaLauncher};
use crate::spec::{DeploymentSpec, Form};
use domain::endpoint::NativeUse;
use kept::Kept;
use predictors::Predictor;
use replica::NativeReplica;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OnceCell, Semaphore};

/// Launches replicas inside this process where the model allows it, else those of another launcher.
pub struct NativeLauncher {
    python: Arc<PythonLauncher>,
    inner: Arc<dyn ReplicaLauncher>,
    kept: Kept,
    /// Large batches that may be computed at once.
    computing: Arc<Semaphore>,
    /// By the address of the deployment, which its entry keeps alive.
    verdicts: Mutex<HashMap<usize, Entry>>,
}

#[derive(Clone)]
struct Entry {
    _deployment: Arc<DeploymentSpec>,
    verdict: Arc<OnceCell<Verdict>>,
}

/// Whether a deployment's model is evaluated here.
#[derive(Clone)]
enum Verdict {
    Here(Arc<Predictor>, Comparison),
    InPython(String),
}

impl NativeLauncher {
    /// Before `inner`, whose replicas answer what is not answered here. Models are read by `python`;
    /// what came of that is kept in `folder`, which must be private to this user. At most `cpus`
    /// large batches are computed at once.
    pub fn new(
        python: Arc<PythonLauncher>,
        inner: Arc<dyn ReplicaLauncher>,
        folder: PathBuf,
        cpus: usize,
    ) -> Self {
        Self {
            python,
            inner,
            kept: Kept::new(folder),
            computing: Arc::new(Semaphore::new(cpus.max(1))),
            verdicts: Mutex::default(),
        }
    }

    fn entry(&self, deployment: &Arc<DeploymentSpec>) -> Arc<OnceCell<Verdict>> {
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = verdicts
            .entry(address(deployment))
            .or_insert_with(|| Entry {
                _deployment: Arc::clone(deployment),
                verdict: Arc::default(),
            });
        Arc::clone(&entry.verdict)
    }

    /// Reads the model, or what is kept of an earlier reading.
    async fn judge(&self, order: &LaunchOrder) -> Verdict {
        let key = self
            .kept
            .key(&order.deployment, self.python.version())
            .await;
        if let Some(key) = &key
            && let Some(verdict) = self.kept.find(key).await
        {
            return verdict;
        }
        let (form, cases) = match self.python.export(order).await {
            Exported::Form { form, cases } => (form, cases),
            Exported::Unsupported(reason) => {
                self.keep(key.as_deref(), order, Err(&reason)).await;
                return Verdict::InPython(reason);
            }
            // What went wrong may not go wrong again: nothing is kept.
            Exported::Failed(reason) => return Verdict::InPython(reason),
        };
        let read = form.clone();
        let judged = tokio::task::spawn_blocking(move || {
            let predictor = Predictor::load(&read).map_err(|error| error.to_string())?;
            let comparison = compare::compare(&predictor, &cases)?;
            Ok::<_, String>((predictor, comparison))
        });
        match judged.await {
            Ok(Ok((predictor, comparison))) => {
                self.keep(key.as_deref(), order, Ok((&form, comparison)))
                    .await;
                Verdict::Here(Arc::new(predictor), comparison)
            }
            Ok(Err(reason)) => {
                self.keep(key.as_deref(), order, Err(&reason)).await;
                Verdict::InPython(reason)
            }
            Err(error) => Verdict::InPython(format!("comparing was cut off: {error}")),
        }
    }

    /// Keeps what came of a reading, unless the model's files changed meanwhile.
    async fn keep(
        &self,
        key: Option<&str>,
        order: &LaunchOrder,
        outcome: Result<(&bytes::Bytes, Comparison), &str>,
    ) {
        let Some(key) = key else { return };
        let now = self
            .kept
            .key(&order.deployment, self.python.version())
            .await;
        if now.as_deref() == Some(key)
            && let Err(error) = self.kept.keep(key, outcome).await
        {
            tracing::warn!(%error, "a predictor's form could not be kept");
        }
    }
}

fn address(deployment: &Arc<DeploymentSpec>) -> usize {
    Arc::as_ptr(deployment) as usize
}

/// Why a deployment is not even considered, if it is not.
fn refused(deployment: &DeploymentSpec) -> Option<&'static str> {
    if deployment.native == NativeUse::Off {
        return Some("it was turned off");
    }
    if deployment.handler.entry.is_some() {
        return Some("it has code of its own");
    }
    if !matches!(deployment.handler.form, Form::Auto | Form::Saved) {
        return Some("it has a handler's form");
    }
    None
}

#[async_trait::async_trait]
impl ReplicaLauncher for NativeLauncher {
    async fn launch(&self, order: &LaunchOrder) -> Result<Arc<dyn Replica>, LaunchError> {
        if let Some(reason) = refused(&order.deployment) {
            return self.in_python(order, reason.to_owned()).await;
        }
        let entry = self.entry(&order.deployment);
        match entry.get_or_init(|| self.judge(order)).await.clone() {
            Verdict::Here(predictor, comparison) => Ok(Arc::new(NativeReplica::new(
                predictor,
                comparison,
                order.clone(),
                Arc::clone(&self.inner),
                Arc::clone(&self.computing),
            ))),
            Verdict::InPython(reason) => self.in_python(order, reason).await,
        }
    }

    fn rest(&self, deployment: &Arc<DeploymentSpec>) {
        self.inner.rest(deployment);
    }

    fn forget(&self, deployment: &Arc<DeploymentSpec>) {
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        verdicts.remove(&address(deployment));
        drop(verdicts);
        self.inner.forget(deployment);
    }
}

impl NativeLauncher {
    async fn in_python(
        &self,
        order: &LaunchOrder,
        reason: String,
    ) -> Result<Arc<dyn Replica>, LaunchError> {
        let order = LaunchOrder {
            engine: Engine::Python(Some(reason)),
            ..order.clone()
        };
        self.inner.launch(&order).await
    }
}
