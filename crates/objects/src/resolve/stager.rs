//! The inputs of a job, all channels. A server's own `Stager` is made of this.

use super::{Staged, manifest, records, resolve};
use crate::ObjectStore;
use crate::error::Error;
use contracts::staging::{StageError, StagedInputs};
use contracts::store::StoreError;
use domain::job::JobSpec;
use domain::{Location, Workspace};
use std::path::PathBuf;

/// Finds the inputs of jobs in the embedded store and on this machine.
#[derive(Debug, Clone)]
pub struct JobStager {
    store: ObjectStore,
    base_dir: PathBuf,
}

impl JobStager {
    /// A stager; relative paths in specs are relative to `base_dir`.
    pub fn new(store: ObjectStore, base_dir: PathBuf) -> Self {
        Self { store, base_dir }
    }

    async fn location(&self, workspace: &Workspace, text: &str) -> Result<Staged, StageError> {
        let location =
            Location::parse(text).map_err(|error| StageError::Missing(error.to_string()))?;
        resolve(&self.store, workspace, &location, &self.base_dir)
            .await
            .map_err(StageError::from)
    }

    async fn listed(&self, workspace: &Workspace, text: &str) -> Result<Staged, StageError> {
        let location =
            Location::parse(text).map_err(|error| StageError::Missing(error.to_string()))?;
        let found = manifest::resolve(&self.store, workspace, &location).await;
        found.map_err(StageError::from)
    }

    async fn records(
        &self,
        workspace: &Workspace,
        text: &str,
        attributes: &[String],
    ) -> Result<Staged, StageError> {
        let location =
            Location::parse(text).map_err(|error| StageError::Missing(error.to_string()))?;
        let found = records::resolve(&self.store, workspace, &location, attributes).await;
        found.map_err(StageError::from)
    }

    /// All that the job reads. Several locations of one channel become numbered folders.
    pub async fn stage(
        &self,
        workspace: &Workspace,
        spec: &JobSpec,
    ) -> Result<StagedInputs, StageError> {
        let mut staged = StagedInputs::default();
        if let Some(code) = &spec.code {
            let files = self.location(workspace, &code.location).await?.files;
            let [file] = files.as_slice() else {
                return Err(StageError::Missing(format!(
                    "the code `{}` is not one archive but {} files",
                    code.location,
                    files.len()
                )));
            };
            staged.code = Some(file.source.clone());
        }
        for (channel, locations) in &spec.inputs {
            let mut files = Vec::new();
            for (index, text) in locations.iter().enumerate() {
                let pipe = spec.pipes.get(channel);
                let found = if let Some(pipe) = pipe.filter(|pipe| pipe.is_of_records()) {
                    self.records(workspace, text, &pipe.attributes).await
                } else if spec.manifests.contains(channel) {
                    self.listed(workspace, text).await
                } else {
                    self.location(workspace, text).await
                };
                let found = found.map_err(|error| of_channel(error, channel, text))?;
                for mut file in found.files {
                    if locations.len() > 1 {
                        file.path = format!("{index}/{}", file.path);
                    }
                    files.push(file);
                }
            }
            staged.inputs.insert(channel.clone(), files);
        }
        Ok(staged)
    }

    /// SHA-256 over names and contents at a location, in hexadecimal.
    pub async fn content_hash(
        &self,
        workspace: &Workspace,
        location: &str,
    ) -> Result<String, StageError> {
        Ok(self.location(workspace, location).await?.content_hash)
    }
}

impl From<Error> for StageError {
    fn from(error: Error) -> Self {
        let passes = match &error {
            Error::Contended(_) | Error::Full { .. } | Error::Io { .. } => true,
            Error::Store(error) => !matches!(error, StoreError::Invalid(_)),
            _ => false,
        };
        if passes {
            return Self::Failed {
                message: error.to_string(),
                source: Some(Box::new(error)),
            };
        }
        Self::Missing(error.to_string())
    }
}

/// Says which input it is that cannot be had.
fn of_channel(error: StageError, channel: &str, location: &str) -> StageError {
    match error {
        StageError::Missing(message) => StageError::Missing(format!(
            "the input `{channel}` (`{location}`) cannot be had: {message}"
        )),
        failed @ StageError::Failed { .. } => failed,
    }
}
