//! Turns the locations in a job's spec into files of this machine.

use crate::backend::StagedFile;
use domain::Workspace;
use domain::job::JobSpec;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Everything a job reads, as files.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StagedInputs {
    /// The code archive's bytes.
    pub code: Option<PathBuf>,
    /// Channel to files.
    pub inputs: BTreeMap<String, Vec<StagedFile>>,
}

/// Why an input cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// It does not exist, may not be read, or is not a location; trying again does not help.
    #[error("{0}")]
    Missing(String),
    /// It failed for now.
    #[error("{message}")]
    Failed {
        /// What was being done.
        message: String,
        /// Why.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// Finds inputs.
#[async_trait::async_trait]
pub trait Stager: Send + Sync {
    /// All that the job reads.
    async fn stage(
        &self,
        workspace: &Workspace,
        spec: &JobSpec,
    ) -> Result<StagedInputs, StageError>;

    /// A folder of this machine with the files at a location, an archive unpacked; kept by
    /// content, so that the second call is quick. Never written to by callers.
    async fn folder(&self, workspace: &Workspace, location: &str) -> Result<PathBuf, StageError>;

    /// SHA-256 over names and contents at a location, hexadecimal; for the step cache.
    async fn content_hash(
        &self,
        workspace: &Workspace,
        location: &str,
    ) -> Result<String, StageError>;
}
