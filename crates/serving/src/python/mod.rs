//! Replicas that are Python processes running the embedded worker.
//!
//! Each process has a process group of its own, its socket to us as standard input, and the reading
//! end of a pipe, its lifeline: when we die, however, the kernel kills the whole group.

mod answers;
mod environment;
mod export;
mod fork;
mod frame;
mod gathered;
mod line;
mod loading;
mod messages;
mod output;
mod process;
mod replica;
mod source;
mod template;
mod walling;
mod walls;
mod warm;

pub(crate) use export::Exported;
pub use fork::ForkLauncher;
pub use walls::{Limited, Premises, View, Walled, Walls};

use crate::logs::LogSink;
use crate::replica::{Birth, LaunchError, LaunchOrder, Replica, ReplicaLauncher};
use crate::spec::DeploymentSpec;
use loading::Load;
use process::Whose;
use replica::PythonReplica;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use walling::Walling;

/// The worker's files by their paths: a batch of predictions is a job that is given them as an input
/// and starts `tradewind_transform.py`.
pub const WORKER_FILES: &[(&str, &str)] = source::FILES;

/// Launches Python workers.
pub struct PythonLauncher {
    start: PathBuf,
    base: BTreeMap<String, String>,
    sink: Arc<dyn LogSink>,
    walls: Option<Walling>,
}

impl PythonLauncher {
    /// Writes the embedded worker into `folder`, which must be private to this user, and launches
    /// from there. `base` are the variables that every worker gets, such as `PATH`, `HOME` and
    /// `LANG`; nothing else of this process's environment is passed on.
    ///
    /// # Errors
    /// [`crate::Error::Machine`] when the folder cannot be written.
    pub fn new(
        folder: &Path,
        base: BTreeMap<String, String>,
        sink: Arc<dyn LogSink>,
    ) -> Result<Self, crate::Error> {
        let start = source::write(folder).map_err(|error| crate::Error::Machine {
            what: format!("writing the worker to `{}`", folder.display()),
            why: error.to_string(),
        })?;
        Ok(Self {
            start,
            base,
            sink,
            walls: None,
        })
    }

    fn spawn(&self, order: &LaunchOrder) -> Result<process::Worker, LaunchError> {
        let variables = environment::variables(&self.base, order);
        let folder = folder(&order.deployment);
        process::spawn(self, folder, variables, order, Whose::Deployment)
    }

    /// A process that loads code and model itself.
    async fn fresh(&self, order: &LaunchOrder, birth: Birth) -> Result<PythonReplica, LaunchError> {
        let worker = self.spawn(order)?;
        let what = Load::Replica(self.view(order)?);
        let mut loaded = loading::load(worker, order, what).await?;
        loaded.facts.lacks.extend(self.lacks(order)?);
        Ok(PythonReplica::new(loaded, birth, order))
    }
}

/// Where the code of a deployment expects to be.
fn folder(deployment: &DeploymentSpec) -> &Path {
    let entry = deployment.handler.entry.as_deref();
    entry
        .and_then(Path::parent)
        .unwrap_or(&deployment.model_folder)
}

#[async_trait::async_trait]
impl ReplicaLauncher for PythonLauncher {
    async fn launch(&self, order: &LaunchOrder) -> Result<Arc<dyn Replica>, LaunchError> {
        Ok(Arc::new(self.fresh(order, Birth::Fresh).await?))
    }
}
