//! The seam to whatever confines the processes that load models.
//!
//! Processes of one workspace, environment and policy of the network are confined alike, from their
//! first moment; each that loads a model then takes a view of files of its own inside that.

use crate::spec::DeploymentSpec;
use domain::{NetworkPolicy, Workspace};
use serde::Serialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Confines processes.
pub trait Walls: Send + Sync {
    /// The walls around processes of this kind; they last as long as what is given back.
    ///
    /// # Errors
    /// Why they cannot be made, in words.
    fn around(&self, premises: &Premises) -> Result<Arc<dyn Walled>, String>;
}

/// What processes have in common that are confined alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Premises {
    /// Whose they are.
    pub workspace: Workspace,
    /// The Python interpreter.
    pub interpreter: PathBuf,
    /// What of the network they reach.
    pub network: NetworkPolicy,
    /// Folders of code and models, for those that are not where such folders usually are.
    pub folders: Vec<PathBuf>,
}

/// Walls that stand.
pub trait Walled: Send + Sync {
    /// Program and arguments that are put before the interpreter.
    fn wrapper(&self) -> Vec<OsString>;

    /// Variables that follow from the view of files, such as `HOME`.
    fn variables(&self) -> BTreeMap<String, String>;

    /// What a process that loads these folders sees of files.
    fn view(&self, folders: &[&Path]) -> View;

    /// Makes a process, and what it forks from now on, keep to so many bytes of memory; none where
    /// this machine cannot.
    fn limit(&self, process: u32, memory: u64) -> Option<Box<dyn Limited>>;

    /// What this machine did not allow, in words.
    fn lacks(&self) -> Vec<String>;
}

/// A limit of memory that is kept; dropping it ends what is left of its processes.
pub trait Limited: Send + Sync {
    /// Whether a process was ended because the memory was used up.
    fn is_used_up(&self) -> bool;
}

/// A view of files inside the common one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// Where a folder of temporary files is made.
    pub scratch: PathBuf,
    /// What stays as it is.
    pub kept: Vec<PathBuf>,
    /// The folder of all code and models, which is empty otherwise.
    pub covered: PathBuf,
}

/// The folders that a deployment reads.
pub(super) fn folders(deployment: &DeploymentSpec) -> Vec<&Path> {
    let entry = deployment.handler.entry.as_deref().and_then(Path::parent);
    let code = deployment.code_folder.as_deref().or(entry);
    [Some(deployment.model_folder.as_path()), code]
        .into_iter()
        .flatten()
        .collect()
}
