//! Processes that have imported the packages of an environment, and no code or model of anybody:
//! each is the common ancestor of everything that the deployments of one workspace, one environment
//! and one set of variables load. What sleeps keeps nothing of its own but its row.
//!
//! What to import is learned from the first model that is loaded: what its loading imported, and
//! proved safe to be forked, a second process imports before it takes the first one's place.

use super::PythonLauncher;
use super::messages::{Order, Reply};
use super::process::{self, Whose, Worker};
use super::template::Template;
use super::walls::Premises;
use super::{environment, frame};
use crate::replica::{LaunchError, LaunchOrder};
use crate::spec::DeploymentSpec;
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::Mutex as AsyncMutex;
use tokio::time::timeout;

/// Most of these processes of one server; beyond them the one that was used longest ago ends, and
/// starts again when it is needed.
const MOST: usize = 16;

/// What deployments must have in common to share a process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    premises: Premises,
    /// What is put before the interpreter.
    wrapper: Vec<OsString>,
    variables: BTreeMap<String, String>,
}

/// The environments of one launcher.
#[derive(Default)]
pub(super) struct Environments {
    all: Mutex<HashMap<Key, Weak<Gathered>>>,
    uses: AtomicU64,
}

/// One environment; it lasts while a deployment refers to it.
pub(super) struct Gathered {
    current: AsyncMutex<Option<State>>,
    used: AtomicU64,
    learned: Mutex<Learned>,
}

#[derive(Clone)]
enum State {
    Ready(Arc<Template>),
    /// Its very interpreter must not be forked.
    Unfit,
}

#[derive(Default)]
struct Learned {
    modules: Vec<String>,
    /// Nothing further is learned: it is being tried or was found unfit.
    closed: bool,
}

impl Environments {
    /// The environment of a deployment.
    pub(super) fn of(&self, premises: Premises, deployment: &DeploymentSpec) -> Arc<Gathered> {
        let key = Key {
            premises,
            wrapper: deployment.wrapper.clone(),
            variables: environment::shared(deployment),
        };
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(present) = all.get(&key).and_then(Weak::upgrade) {
            return present;
        }
        all.retain(|_, gathered| gathered.strong_count() > 0);
        let made = Arc::new(Gathered {
            current: AsyncMutex::new(None),
            used: AtomicU64::new(0),
            learned: Mutex::default(),
        });
        all.insert(key, Arc::downgrade(&made));
        made
    }

    /// A process forked for one deployment, which has loaded nothing yet; none where processes of
    /// this environment must not be forked.
    pub(super) async fn fork(
        &self,
        gathered: &Gathered,
        python: &PythonLauncher,
        order: &LaunchOrder,
    ) -> Result<Option<Worker>, LaunchError> {
        gathered
            .used
            .store(self.uses.fetch_add(1, Relaxed) + 1, Relaxed);
        // One that ended since the last time is replaced once.
        for _ in 0..2 {
            let template = {
                let mut current = gathered.current.lock().await;
                match &*current {
                    Some(State::Ready(template)) => Arc::clone(template),
                    Some(State::Unfit) => return Ok(None),
                    None => {
                        self.make_room(gathered);
                        let modules = gathered.modules();
                        let state = start(python, order, &modules).await?;
                        *current = Some(state.clone());
                        match state {
                            State::Ready(template) => template,
                            State::Unfit => return Ok(None),
                        }
                    }
                }
            };
            if let Some(worker) = template.fork(order, python).await? {
                return Ok(Some(worker));
            }
            gathered.forget(&template).await;
        }
        Ok(None)
    }

    /// Ends the process that was used longest ago when there are too many.
    fn make_room(&self, asking: &Gathered) {
        let mut running: Vec<Arc<Gathered>> = {
            let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            all.values().filter_map(Weak::upgrade).collect()
        };
        running.retain(|other| {
            // One that is locked is being used.
            !std::ptr::eq(Arc::as_ptr(other), asking)
                && other.current.try_lock().is_ok_and(|state| state.is_some())
        });
        if running.len() < MOST {
            return;
        }
        let oldest = running.iter().min_by_key(|other| other.used.load(Relaxed));
        if let Some(mut state) = oldest.and_then(|other| other.current.try_lock().ok()) {
            *state = None;
        }
    }
}

impl Gathered {
    fn modules(&self) -> Vec<String> {
        let learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        learned.modules.clone()
    }

    async fn forget(&self, template: &Arc<Template>) {
        let mut current = self.current.lock().await;
        if matches!(&*current, Some(State::Ready(present)) if Arc::ptr_eq(present, template)) {
            *current = None;
        }
    }

    /// Hears what a loading imported, and has a process that has imported it too take the present
    /// one's place.
    pub(super) fn learn(
        self: &Arc<Self>,
        python: &Arc<PythonLauncher>,
        order: &LaunchOrder,
        modules: Vec<String>,
    ) {
        let wanted = {
            let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
            if modules.is_empty() || learned.closed {
                return;
            }
            learned.closed = true;
            let mut wanted = learned.modules.clone();
            wanted.extend(modules);
            wanted
        };
        let (gathered, python, order) = (Arc::clone(self), Arc::clone(python), order.clone());
        tokio::spawn(async move {
            match start(&python, &order, &wanted).await {
                Ok(State::Ready(template)) => {
                    {
                        let learned = gathered.learned.lock();
                        let mut learned = learned.unwrap_or_else(PoisonError::into_inner);
                        learned.modules = wanted;
                        learned.closed = false;
                    }
                    *gathered.current.lock().await = Some(State::Ready(template));
                }
                // The present one stays, without them.
                Ok(State::Unfit) => {}
                Err(error) => tracing::warn!(%error, "packages could not be imported ahead"),
            }
        });
    }
}

/// Starts a process and has it import modules.
async fn start(
    python: &PythonLauncher,
    order: &LaunchOrder,
    modules: &[String],
) -> Result<State, LaunchError> {
    let variables = environment::common(&python.base, &order.deployment);
    let variables = environment::single_threaded(variables);
    let mut worker = process::spawn(python, Path::new("/"), variables, order, Whose::Environment)?;
    let limit = order.deployment.timing.start;
    let asked = async {
        frame::write(
            &mut worker.socket,
            &Order::Gather { modules },
            &Bytes::new(),
        )
        .await?;
        frame::read::<Reply>(&mut worker.socket, 0).await
    };
    match timeout(limit, asked).await {
        Err(_) => Err(LaunchError::TimedOut(limit)),
        Ok(Ok((Reply::Gathered { objection: None }, _))) => {
            Template::over(worker).map(|template| State::Ready(Arc::new(template)))
        }
        Ok(Ok((
            Reply::Gathered {
                objection: Some(why),
            },
            _,
        ))) => {
            tracing::info!(why, "packages of an environment cannot be imported ahead");
            Ok(State::Unfit)
        }
        Ok(Ok(_) | Err(_)) => {
            worker.handle.kill();
            Err(LaunchError::Ended(worker.handle.gone().await))
        }
    }
}
