//! How each resource stands in the store: its kind, id, parent, phase and labels.

use crate::Error;
use contracts::store::{Body, Key, NewRow, Row};
use domain::endpoint::Endpoint;
use domain::job::Job;
use domain::model::{Model, ModelVersion};
use domain::pipeline::Run;
use domain::{Timestamp, Workspace};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The label by which a foreign API lists the resources that it made.
pub const FOREIGN_LABEL: &str = "tradewind:foreign";

/// A resource that is kept as a row.
pub trait Stored: Serialize + DeserializeOwned {
    /// The row's kind, which is also the word for people.
    const KIND: &'static str;
    /// Scope.
    fn workspace(&self) -> &Workspace;
    /// Unique in kind and workspace.
    fn row_id(&self) -> String;
    /// What it belongs to.
    fn parent(&self) -> Option<String> {
        None
    }
    /// One word for filters.
    fn phase_word(&self) -> String;
    /// For filters.
    fn labels(&self) -> BTreeMap<String, String> {
        BTreeMap::new()
    }
    /// Its address.
    fn key(&self) -> Key {
        Key::new(Self::KIND, self.workspace(), self.row_id())
    }
    /// As a row that is looked at again at `due`.
    fn row(&self, due: Option<Timestamp>) -> Result<NewRow, Error> {
        let unreadable = |source| Error::Unreadable {
            kind: Self::KIND.to_owned(),
            id: self.row_id(),
            source,
        };
        Ok(NewRow {
            key: self.key(),
            parent: self.parent(),
            phase: self.phase_word(),
            labels: self.labels(),
            due,
            body: Body::of(self).map_err(unreadable)?,
        })
    }
}

/// Reads a row back.
pub fn read<T: Stored>(row: &Row) -> Result<T, Error> {
    row.row
        .body
        .read()
        .map_err(|source| unreadable(T::KIND, row, source))
}

/// Reads a row back for looking only: once for all who read the row while it stays as it is.
pub fn shared<T: Stored + Send + Sync + 'static>(row: &Row) -> Result<Arc<T>, Error> {
    let read = row.row.body.shared();
    read.map_err(|source| unreadable(T::KIND, row, source))
}

/// That a row's JSON is not of a kind.
pub(crate) fn unreadable(kind: &str, row: &Row, source: serde_json::Error) -> Error {
    Error::Unreadable {
        kind: kind.to_owned(),
        id: row.row.key.id.clone(),
        source,
    }
}

impl Stored for Job {
    const KIND: &'static str = "job";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.id.to_string()
    }
    fn parent(&self) -> Option<String> {
        self.step.as_ref().map(|step| step.run.to_string())
    }
    fn phase_word(&self) -> String {
        self.phase.word().to_owned()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.spec.tags.clone();
        if let Some(foreign) = &self.foreign {
            labels.insert(FOREIGN_LABEL.to_owned(), foreign.kind.clone());
        }
        labels
    }
}

/// As one row with all of it; see [`crate::runs`] for how a run is read and written.
impl Stored for Run {
    const KIND: &'static str = "run";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.id.to_string()
    }
    fn parent(&self) -> Option<String> {
        Some(self.spec.name.to_string())
    }
    fn phase_word(&self) -> String {
        self.phase.word().to_owned()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        self.spec.tags.clone()
    }
}

impl Stored for Model {
    const KIND: &'static str = "model";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.name.to_string()
    }
    fn phase_word(&self) -> String {
        "registered".to_owned()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        self.tags.clone()
    }
}

/// The row id of a version: numbers are padded, so that the order of ids is the order of
/// versions.
pub fn version_id(model: &domain::ModelName, version: u32) -> String {
    format!("{model}:{version:010}")
}

impl Stored for ModelVersion {
    const KIND: &'static str = "model-version";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        version_id(&self.model, self.version)
    }
    fn parent(&self) -> Option<String> {
        Some(self.model.to_string())
    }
    fn phase_word(&self) -> String {
        match self.approval {
            domain::model::Approval::Pending => "pending",
            domain::model::Approval::Approved => "approved",
            domain::model::Approval::Rejected => "rejected",
        }
        .to_owned()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.tags.clone();
        labels.insert(
            "tradewind:artifact-hash".to_owned(),
            self.artifact_hash.clone(),
        );
        labels
    }
}

impl Stored for Endpoint {
    const KIND: &'static str = "endpoint";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        self.name.to_string()
    }
    fn phase_word(&self) -> String {
        self.phase.word().to_owned()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.spec.tags.clone();
        for deployment in &self.spec.deployments {
            let version = version_id(&deployment.model, deployment.version);
            labels.insert(format!("tradewind:serves:{version}"), String::new());
        }
        labels
    }
}
