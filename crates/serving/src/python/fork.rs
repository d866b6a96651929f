//! Replicas by forking, in two stages. A process that has imported the packages of an environment is
//! common to all deployments of that environment ([`super::gathered`]). The first launch of a deployment
//! forks from it a template, which loads code and model; every replica, the first one too, is a fork
//! of that. A start is then a matter of milliseconds, and the replicas share the model's memory until
//! they write to it. A deployment that sleeps keeps its template while there is memory for it
//! ([`super::warm`]); one that has a single replica at most and none that is kept warm does without
//! where it has none: its replica loads what it needs.

use super::PythonLauncher;
use super::gathered::{Environments, Gathered};
use super::loading::{self, Load};
use super::replica::PythonReplica;
use super::template::{self, Start};
use super::warm::{Resting, Warmth};
use crate::replica::{Birth, LaunchError, LaunchOrder, Replica, ReplicaLauncher};
use crate::spec::DeploymentSpec;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;

/// How long a load waits for its turn before it begins in any case.
const TURN: Duration = Duration::from_secs(5);

/// Launches Python workers by forking a template where that is safe, else as fresh processes, and
/// says which in [`crate::replica::Facts::birth`].
pub struct ForkLauncher {
    shared: Arc<Shared>,
}

/// What launches and whatever prepares for them have in common.
pub(super) struct Shared {
    python: Arc<PythonLauncher>,
    environments: Environments,
    /// Loads that go on at once; more of them would only make each other slower.
    loading: Semaphore,
    pub(super) warmth: Warmth,
    templates: Mutex<Templates>,
}

/// By the address of the deployment, which its entry keeps alive.
pub(super) type Templates = HashMap<usize, Entry>;

/// What there is for one deployment.
#[derive(Clone)]
pub(super) struct Entry {
    /// The last launch; it keeps the deployment alive.
    pub(super) order: LaunchOrder,
    pub(super) launches: u64,
    pub(super) start: Arc<OnceCell<Start>>,
    /// None for functions, whose processes are confined to their own files from the first moment.
    gathered: Option<Arc<Gathered>>,
    /// While no replica is wanted.
    pub(super) resting: Option<Resting>,
}

impl ForkLauncher {
    /// Over a launcher of fresh processes, whose folder, variables and log are used. Nothing is kept
    /// of what sleeps.
    pub fn new(python: impl Into<Arc<PythonLauncher>>) -> Self {
        Self::with_warmth(python, 0)
    }

    /// The same, with so many bytes of memory for templates of deployments that sleep.
    pub fn with_warmth(python: impl Into<Arc<PythonLauncher>>, bytes: u64) -> Self {
        let loads = std::thread::available_parallelism().map_or(2, usize::from) + 1;
        let shared = Shared {
            python: python.into(),
            environments: Environments::default(),
            loading: Semaphore::new(loads),
            warmth: Warmth::new(bytes),
            templates: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }
}

impl Shared {
    pub(super) fn templates(&self) -> MutexGuard<'_, Templates> {
        self.templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Of a deployment of which a replica is wanted.
    fn entry(&self, order: &LaunchOrder) -> Entry {
        let deployment = &order.deployment;
        let mut templates = self.templates();
        let entry = templates.entry(address(deployment)).or_insert_with(|| {
            let function = deployment.handler.form.is_function();
            let environment = || {
                let premises = self.python.premises(order);
                self.environments.of(premises, deployment)
            };
            Entry {
                order: order.clone(),
                launches: 0,
                start: Arc::default(),
                gathered: (!function).then(environment),
                resting: None,
            }
        });
        entry.launches += 1;
        entry.resting = None;
        entry.clone()
    }

    /// The only replica of a deployment that may sleep, which loads code and model itself and is
    /// forked no further; none where its environment cannot be forked.
    async fn single(
        &self,
        entry: &Entry,
        order: &LaunchOrder,
    ) -> Result<Option<PythonReplica>, LaunchError> {
        let deployment = &order.deployment;
        let Some(gathered) = &entry.gathered else {
            return Ok(None);
        };
        let warm = matches!(entry.start.get(), Some(Start::Ready(_)));
        if warm || deployment.replicas > 0 || deployment.most_replicas > 1 {
            return Ok(None);
        }
        let _turn = timeout(TURN, self.loading.acquire()).await;
        let forked = self.environments.fork(gathered, &self.python, order);
        let Some(worker) = forked.await? else {
            return Ok(None);
        };
        let what = Load::Single(self.python.view(order)?);
        let mut loaded = loading::load(worker, order, what).await?;
        gathered.learn(&self.python, order, std::mem::take(&mut loaded.modules));
        loaded.facts.lacks.extend(self.python.lacks(order)?);
        Ok(Some(PythonReplica::new(loaded, Birth::Forked, order)))
    }

    /// Has code and model loaded.
    pub(super) async fn begin(
        &self,
        entry: &Entry,
        order: &LaunchOrder,
    ) -> Result<Start, LaunchError> {
        let Some(gathered) = &entry.gathered else {
            return template::start(&self.python, order).await;
        };
        // One that hangs in loading does not stop the others for ever.
        let _turn = timeout(TURN, self.loading.acquire()).await;
        let forked = self
            .environments
            .fork(gathered, &self.python, order)
            .await?;
        let Some(worker) = forked else {
            return template::start(&self.python, order).await;
        };
        let what = Load::Staged(self.python.view(order)?);
        let mut loaded = loading::load(worker, order, what).await?;
        gathered.learn(&self.python, order, std::mem::take(&mut loaded.modules));
        template::finish(loaded)
    }

    /// Forgets a template that is gone, unless another has taken its place.
    fn discard(&self, deployment: &Arc<DeploymentSpec>, start: &Arc<OnceCell<Start>>) {
        if let Some(entry) = self.templates().get_mut(&address(deployment))
            && Arc::ptr_eq(&entry.start, start)
        {
            entry.start = Arc::default();
        }
    }

    async fn fresh(
        &self,
        order: &LaunchOrder,
        birth: Birth,
    ) -> Result<Arc<dyn Replica>, LaunchError> {
        Ok(Arc::new(self.python.fresh(order, birth).await?))
    }
}

fn address(deployment: &Arc<DeploymentSpec>) -> usize {
    Arc::as_ptr(deployment) as usize
}

#[async_trait::async_trait]
impl ReplicaLauncher for ForkLauncher {
    async fn launch(&self, order: &LaunchOrder) -> Result<Arc<dyn Replica>, LaunchError> {
        let shared = &self.shared;
        // A template that died since the last launch is replaced once.
        for _ in 0..2 {
            let entry = shared.entry(order);
            if let Some(replica) = shared.single(&entry, order).await? {
                return Ok(Arc::new(replica));
            }
            let start = entry
                .start
                .get_or_try_init(|| shared.begin(&entry, order))
                .await?;
            let template = match start {
                Start::Ready(template) => template,
                Start::Unfit(reason) => {
                    let birth = Birth::FreshBecause(reason.clone());
                    return shared.fresh(order, birth).await;
                }
            };
            let Some(worker) = template.fork(order, &shared.python).await? else {
                shared.discard(&order.deployment, &entry.start);
                continue;
            };
            let mut loaded = loading::load(worker, order, Load::Inherited).await?;
            loaded.facts.lacks.extend(shared.python.lacks(order)?);
            return Ok(Arc::new(PythonReplica::new(loaded, Birth::Forked, order)));
        }
        let reason = "its templates ended before they could be forked".to_owned();
        shared.fresh(order, Birth::FreshBecause(reason)).await
    }

    fn rest(&self, deployment: &Arc<DeploymentSpec>) {
        let mut templates = self.shared.templates();
        // Functions have nothing else to be forked from.
        let Some(entry) = templates.get_mut(&address(deployment)) else {
            return;
        };
        if entry.gathered.is_none() || matches!(entry.start.get(), Some(Start::Unfit(_))) {
            return;
        }
        match self.shared.warmth.rests() {
            None => entry.start = Arc::default(),
            Some(resting) => {
                let since = resting.since;
                entry.resting = Some(resting);
                let entry = entry.clone();
                drop(templates);
                tokio::spawn(Arc::clone(&self.shared).keep(address(deployment), entry, since));
            }
        }
    }

    fn forget(&self, deployment: &Arc<DeploymentSpec>) {
        self.shared.templates().remove(&address(deployment));
    }
}
