//! The functions of one server behind the contract that control speaks.

use crate::Config;
use crate::folders;
use crate::lender::Lender;
use crate::log::Logs;
use crate::pool::Pool;
use crate::preparation::{self, Ready};
use contracts::functions::{
    FunctionAnswer, FunctionCall, FunctionFigures, FunctionLogLine, FunctionObservation,
    FunctionTarget, Functions,
};
use domain::{FunctionName, Refusal, Workspace};
use serving::ReplicaLauncher;
use serving::logs::LogSink;
use serving::python::{ForkLauncher, PythonLauncher};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::time::{Instant, interval, timeout_at};

/// How often idle instances are looked at.
const LOOKING: Duration = Duration::from_secs(1);
/// How long a call waits, beyond the function's own limit, for code and environment to be there.
const MAKING: Duration = Duration::from_mins(1);
/// What is said while a first instance loads its code.
const STARTING: &str = "starting a first instance, which loads the code";
/// A version that could not be made ready is tried again, when asked, after this time.
const AGAIN: Duration = Duration::from_secs(10);

type Key = (Workspace, FunctionName, String);

/// Where one revision stands here.
#[derive(Clone)]
enum Stage {
    Preparing(String),
    /// The first instance loads the code.
    Starting,
    Failed(Refusal, Instant),
    Ready(Able),
}

/// A version that takes calls.
#[derive(Clone)]
struct Able {
    pool: Arc<Pool>,
    /// What could not be had as it was asked for.
    warnings: Vec<String>,
    /// Why no instance could be started ahead of the calls.
    trouble: Option<String>,
}

struct Entry {
    target: FunctionTarget,
    stage: watch::Sender<Stage>,
}

/// What tasks share.
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) logs: Arc<Logs>,
    pub(crate) launcher: ForkLauncher,
    pub(crate) numbers: AtomicU64,
    scratch: PathBuf,
    lender: Mutex<Option<Arc<dyn Lender>>>,
    server: Mutex<Option<SocketAddr>>,
    entries: Mutex<BTreeMap<Key, Arc<Entry>>>,
    changed: watch::Sender<u64>,
}

/// The functions of one server. Dropping it ends all instances.
pub struct FunctionPlane {
    inner: Arc<Inner>,
    seen: AsyncMutex<watch::Receiver<u64>>,
    aging: tokio::task::JoinHandle<()>,
}

impl FunctionPlane {
    /// Over the parts of a server; must be called inside a runtime.
    ///
    /// # Errors
    /// When the scratch folder or the worker cannot be written.
    pub fn new(config: Config) -> io::Result<Self> {
        let scratch = folders::of_this_process(&config.scratch)?;
        let config = Config {
            scratch: scratch.clone(),
            ..config
        };
        let logs = Logs::new(config.world.clone());
        let sink: Arc<dyn LogSink> = logs.clone();
        let python = PythonLauncher::new(&config.worker, BTreeMap::new(), sink);
        let python = python.map_err(|error| io::Error::other(error.to_string()))?;
        let inner = Arc::new(Inner {
            config,
            logs,
            launcher: ForkLauncher::new(python),
            numbers: AtomicU64::new(1),
            scratch,
            lender: Mutex::default(),
            server: Mutex::default(),
            entries: Mutex::default(),
            changed: watch::Sender::new(0),
        });
        let aging = tokio::spawn(age(Arc::downgrade(&inner)));
        Ok(Self {
            seen: AsyncMutex::new(inner.changed.subscribe()),
            inner,
            aging,
        })
    }

    /// Names who gives further variables to versions that are made ready from now on: how to reach
    /// this installation's buckets.
    pub fn lend(&self, lender: Arc<dyn Lender>) {
        let kept = self.inner.lender.lock();
        *kept.unwrap_or_else(PoisonError::into_inner) = Some(lender);
    }

    /// Says where this server listens: functions that are made ready from now on and may reach
    /// only the loopback reach it there.
    pub fn listens(&self, address: SocketAddr) {
        let server = self.inner.server.lock();
        *server.unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    /// Ends all instances and forgets the scratch folder.
    pub fn shut_down(&self) {
        self.aging.abort();
        let entries = std::mem::take(&mut *self.inner.entries());
        for entry in entries.into_values() {
            self.inner.close(&entry);
        }
        let _ = std::fs::remove_dir_all(&self.inner.scratch);
    }
}

impl Drop for FunctionPlane {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Ends instances that had nothing to do for too long, as long as the plane is there.
async fn age(inner: std::sync::Weak<Inner>) {
    let mut look = interval(LOOKING);
    loop {
        look.tick().await;
        let Some(inner) = inner.upgrade() else {
            return;
        };
        let entries: Vec<Arc<Entry>> = inner.entries().values().cloned().collect();
        for entry in entries {
            let stage = entry.stage.borrow().clone();
            if let Stage::Ready(Able { pool, .. }) = stage {
                pool.age(&entry.target.spec.scale);
            }
        }
    }
}

impl Inner {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<Key, Arc<Entry>>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// The name of the control group and scratch folder with a number.
    pub(crate) fn group_name(&self, number: u64) -> String {
        let mark = runtimes::Layout::new(&self.scratch).mark();
        format!("tradewind-fn-{mark}-{number}")
    }

    /// Writes down that a control group may be there.
    pub(crate) fn mark(&self, group: &str) -> PathBuf {
        let marker = self.scratch.join("groups").join(group);
        let _ = std::fs::write(&marker, b"");
        marker
    }

    fn close(&self, entry: &Entry) {
        let stage = entry.stage.borrow().clone();
        if let Stage::Ready(Able { pool, .. }) = stage {
            pool.close();
            self.launcher.forget(&pool.ready.deployment);
            let group = pool.ready.group.folders();
            let name = group.first().and_then(|folder| folder.file_name());
            if let Some(name) = name {
                let _ = std::fs::remove_file(self.scratch.join("groups").join(name));
            }
        }
    }

    /// The entry of a revision, which begins to be made ready when it is not.
    fn entry(self: &Arc<Self>, target: &FunctionTarget) -> Arc<Entry> {
        let key = key(target);
        let mut entries = self.entries();
        if let Some(entry) = entries.get(&key) {
            let stale = match &*entry.stage.borrow() {
                Stage::Failed(_, at) => at.elapsed() >= AGAIN,
                Stage::Preparing(_) | Stage::Starting | Stage::Ready(_) => false,
            };
            if !stale {
                return Arc::clone(entry);
            }
        }
        let entry = Arc::new(Entry {
            target: target.clone(),
            stage: watch::Sender::new(Stage::Preparing("preparing".to_owned())),
        });
        entries.insert(key, Arc::clone(&entry));
        drop(entries);
        self.tell();
        tokio::spawn(Arc::clone(self).make_ready(Arc::clone(&entry)));
        entry
    }

    async fn make_ready(self: Arc<Self>, entry: Arc<Entry>) {
        let number = self.numbers.fetch_add(1, Relaxed);
        let group = self.group_name(number);
        self.mark(&group);
        let progress = |line: &str| {
            entry.stage.send_replace(Stage::Preparing(line.to_owned()));
            self.tell();
        };
        let made = match self.config_for(&entry.target).await {
            Ok(config) => preparation::prepare(&config, &entry.target, &group, &progress).await,
            Err(refusal) => Err(refusal),
        };
        let stage = match made {
            Ok(ready) => {
                entry.stage.send_replace(Stage::Starting);
                self.tell();
                Stage::Ready(self.warm_up(&entry.target, ready).await)
            }
            Err(refusal) => Stage::Failed(refusal, Instant::now()),
        };
        entry.stage.send_replace(stage);
        self.tell();
    }

    async fn config_for(&self, target: &FunctionTarget) -> Result<Config, Refusal> {
        let mut config = self.config.clone();
        let server = *self.server.lock().unwrap_or_else(PoisonError::into_inner);
        config.server = server.or(config.server);
        let lender = self.lender.lock();
        let lender = lender.unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(lender) = lender {
            config.base.extend(lender.lend(target).await?);
        }
        Ok(config)
    }

    /// Starts a first instance, so that the template is there and mistakes are seen early. That it
    /// cannot be started is no reason not to take calls: they are told why, each anew.
    async fn warm_up(&self, target: &FunctionTarget, ready: Ready) -> Able {
        let pool = Pool::new(ready);
        let mut warnings = pool.ready.warnings.clone();
        let mut trouble = None;
        let limit = preparation::start_limit(&target.spec);
        let wanted = target.spec.scale.min.max(1).min(target.spec.scale.max);
        for _ in 0..wanted {
            match self.launch(&pool, limit).await {
                Ok(slot) => pool.add(slot),
                Err((error, _)) => {
                    trouble = Some(format!("an instance cannot be started: {error}"));
                    break;
                }
            }
        }
        if let Some(confinement) = &pool.ready.confinement {
            let lacks = confinement.lacks();
            warnings.extend(
                lacks
                    .iter()
                    .map(|lack| format!("the confinement of {lack} cannot be had on this machine")),
            );
        }
        Able {
            pool,
            warnings,
            trouble,
        }
    }

    /// The pool of a revision, once it is ready, and how long may be waited for an instance of it:
    /// less what was waited already for one that could not be started.
    async fn pool(
        self: &Arc<Self>,
        target: &FunctionTarget,
    ) -> Result<(Arc<Pool>, Duration), Refusal> {
        let entry = self.entry(target);
        let mut stage = entry.stage.subscribe();
        let limit = preparation::start_limit(&target.spec);
        let until = Instant::now() + MAKING + target.spec.timeout.to_std();
        let mut starting = None;
        loop {
            let step = match &*stage.borrow_and_update() {
                Stage::Ready(able) => {
                    let waited = starting.filter(|_| able.trouble.is_some());
                    let waited = waited.map_or(Duration::ZERO, |since: Instant| since.elapsed());
                    return Ok((Arc::clone(&able.pool), limit.saturating_sub(waited)));
                }
                Stage::Failed(refusal, _) => return Err(refusal.clone()),
                Stage::Preparing(step) => Some(step.clone()),
                Stage::Starting => {
                    starting.get_or_insert_with(Instant::now);
                    None
                }
            };
            let changed = match step {
                Some(step) => timeout_at(until, stage.changed())
                    .await
                    .map_err(|_| not_yet(target, &step))?,
                // A start has a limit of its own.
                None => stage.changed().await,
            };
            if changed.is_err() {
                return Err(Refusal::internal(
                    "a version vanished while it was made ready",
                ));
            }
        }
    }
}

fn not_yet(target: &FunctionTarget, step: &str) -> Refusal {
    let name = &target.name;
    Refusal::Unavailable {
        message: format!("function `{name}` is not ready yet ({step}); try again later"),
    }
}

fn key(target: &FunctionTarget) -> Key {
    (
        target.workspace.clone(),
        target.name.clone(),
        target.revision.clone(),
    )
}

#[async_trait::async_trait]
impl Functions for FunctionPlane {
    async fn prepare(&self, target: &FunctionTarget) {
        self.inner.entry(target);
    }

    async fn observe(&self, target: &FunctionTarget) -> FunctionObservation {
        let entry = self.inner.entries().get(&key(target)).cloned();
        let Some(entry) = entry else {
            return FunctionObservation::Absent;
        };
        let stage = entry.stage.borrow().clone();
        match stage {
            Stage::Preparing(step) => FunctionObservation::Preparing { step },
            Stage::Starting => FunctionObservation::Preparing {
                step: STARTING.to_owned(),
            },
            Stage::Failed(refusal, _) => FunctionObservation::Failed {
                message: refusal.to_string(),
            },
            Stage::Ready(able) => FunctionObservation::Ready {
                warnings: able.warnings,
                trouble: able.trouble,
            },
        }
    }

    async fn invoke(
        &self,
        target: &FunctionTarget,
        call: FunctionCall,
    ) -> Result<FunctionAnswer, Refusal> {
        let (inner, target) = (Arc::clone(&self.inner), target.clone());
        // A task of its own: a caller who leaves does not end a call in the middle.
        let task = tokio::spawn(async move {
            let (pool, patience) = inner.pool(&target).await?;
            inner.call(&pool, &target, &call, patience).await
        });
        match task.await {
            Ok(answered) => answered,
            Err(error) => Err(Refusal::internal(format!("a call was cut off: {error}"))),
        }
    }

    async fn retire(&self, workspace: &Workspace, name: &FunctionName, keep: &[String]) {
        let mut over = Vec::new();
        self.inner.entries().retain(|key, entry| {
            let stays = key.0 != *workspace || key.1 != *name || keep.contains(&key.2);
            if !stays {
                over.push(Arc::clone(entry));
            }
            stays
        });
        for entry in over {
            self.inner.close(&entry);
        }
    }

    fn log(
        &self,
        workspace: &Workspace,
        name: &FunctionName,
        limit: usize,
    ) -> Vec<FunctionLogLine> {
        self.inner
            .logs
            .last(&(workspace.clone(), name.clone()), limit)
    }

    fn figures(&self, workspace: &Workspace, name: &FunctionName) -> FunctionFigures {
        let mut figures = FunctionFigures::default();
        for (key, entry) in self.inner.entries().iter() {
            if key.0 == *workspace
                && key.1 == *name
                && let Stage::Ready(able) = &*entry.stage.borrow()
            {
                able.pool.count(&mut figures);
            }
        }
        figures
    }

    async fn changed(&self) {
        // The sender lives as long as we do.
        let _ = self.seen.lock().await.changed().await;
    }
}
