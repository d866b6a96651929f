//! Documents: resources that only a foreign API knows (an endpoint configuration, a trial, a
//! feature group), kept as that API wants them back. A dialect reads and writes them by these
//! commands and queries alone, so that they have revisions, events and idempotency like any other.

mod commands;
mod queries;
mod replace;

pub use commands::{Known, NewDocument};
pub use queries::DocumentFilter;

use crate::rows::Stored;
use domain::{Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A document as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The API and its word for it, as in `sagemaker/endpoint-config`.
    pub kind: String,
    /// Unique in kind and workspace.
    pub id: String,
    /// Scope.
    pub workspace: Workspace,
    /// What it belongs to, by id: a package's group, a trial's experiment.
    pub parent: Option<String>,
    /// One word for filters.
    pub phase: String,
    /// For filters.
    pub labels: BTreeMap<String, String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last written.
    pub updated: Timestamp,
    /// In the API's own form.
    pub body: serde_json::Value,
}

/// Kinds and ids are joined by a character that neither can have.
const JOINT: char = '\u{1f}';

/// The row's id: kind first, so that one kind is one range of ids.
fn row_id(kind: &str, id: &str) -> String {
    format!("{kind}{JOINT}{id}")
}

/// The parent column also tells kinds apart, so that every list comes from its index.
fn row_parent(kind: &str, parent: Option<&str>) -> String {
    match parent {
        Some(parent) => format!("{kind}{JOINT}{parent}"),
        None => kind.to_owned(),
    }
}

impl Stored for Document {
    const KIND: &'static str = "document";
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }
    fn row_id(&self) -> String {
        row_id(&self.kind, &self.id)
    }
    fn parent(&self) -> Option<String> {
        Some(row_parent(&self.kind, self.parent.as_deref()))
    }
    fn phase_word(&self) -> String {
        self.phase.clone()
    }
    fn labels(&self) -> BTreeMap<String, String> {
        let mut labels = self.labels.clone();
        labels.insert(crate::rows::FOREIGN_LABEL.to_owned(), self.kind.clone());
        labels
    }
}
