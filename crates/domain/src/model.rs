//! Registered models and their versions.

use crate::Network;
use crate::environment::Environment;
use crate::job::CodeArchive;
use crate::lineage::Lineage;
use crate::metric::Finite;
use crate::{ModelName, Name, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Whether a version may be used in production, as SageMaker's `ModelApprovalStatus`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    /// Not decided.
    #[default]
    Pending,
    /// May be used.
    Approved,
    /// May not.
    Rejected,
}

/// A model: a name under which versions are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Model {
    /// Its name.
    pub name: ModelName,
    /// Scope.
    pub workspace: Workspace,
    /// For people.
    #[serde(default)]
    pub description: String,
    /// The number of the newest version ever made; numbers are not used twice.
    pub newest: u32,
    /// The newest version that is left, where the newest ever made was deleted; 0 when none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_left: Option<u32>,
    /// Alias to version number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aliases: BTreeMap<Name, u32>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// When it was first registered.
    pub created: Timestamp,
}

impl Model {
    /// The newest version that there is.
    pub fn newest_there(&self) -> Option<u32> {
        Some(self.newest_left.unwrap_or(self.newest)).filter(|number| *number > 0)
    }

    /// Counts a version that is made.
    pub fn count(&mut self, number: u32) {
        if number > self.newest {
            self.newest_left = None;
        }
        self.newest = self.newest.max(number);
    }
}

/// How a version answers predictions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct ServingContract {
    /// Handler file relative to the code folder; unset means the model is served as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// The code that has the handler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeArchive>,
    /// What it runs in.
    pub environment: Environment,
    /// Variables of the workers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What of the network the workers may reach.
    #[serde(skip_serializing_if = "Network::is_open")]
    pub network: Network,
}

/// One version of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ModelVersion {
    /// The model.
    pub model: ModelName,
    /// Counted from 1.
    pub version: u32,
    /// Scope.
    pub workspace: Workspace,
    /// Prefix of the artifact in the object store.
    pub artifact: String,
    /// SHA-256 over the artifact's names and contents, hexadecimal.
    pub artifact_hash: String,
    /// How it answers.
    pub serving: ServingContract,
    /// Whether it may be used.
    #[serde(default)]
    pub approval: Approval,
    /// Final metrics of the job that made it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, Finite>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Where it comes from.
    pub lineage: Lineage,
    /// When it was registered.
    pub created: Timestamp,
}

/// What a caller names a version by: `model`, `model:3` or `model@champion`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum ModelReference {
    /// The newest version.
    Newest(ModelName),
    /// That number.
    Version(ModelName, u32),
    /// What the alias points to.
    Alias(ModelName, Name),
}

impl ModelReference {
    /// The model that is named.
    pub fn model(&self) -> &ModelName {
        let (Self::Newest(model) | Self::Version(model, _) | Self::Alias(model, _)) = self;
        model
    }
}

impl TryFrom<String> for ModelReference {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let bad = |e: crate::id::InvalidName| e.to_string();
        if let Some((model, version)) = text.split_once(':') {
            let version = version.parse().ok().filter(|n| *n > 0);
            let version = version.ok_or_else(|| {
                format!("`{text}` is not a model version: expected `model:3` with a number")
            })?;
            return Ok(Self::Version(ModelName::new(model).map_err(bad)?, version));
        }
        if let Some((model, alias)) = text.split_once('@') {
            let model = ModelName::new(model).map_err(bad)?;
            return Ok(Self::Alias(model, Name::new(alias).map_err(bad)?));
        }
        Ok(Self::Newest(ModelName::new(text).map_err(bad)?))
    }
}

impl From<ModelReference> for String {
    fn from(reference: ModelReference) -> String {
        reference.to_string()
    }
}

impl fmt::Display for ModelReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest(model) => write!(f, "{model}"),
            Self::Version(model, version) => write!(f, "{model}:{version}"),
            Self::Alias(model, alias) => write!(f, "{model}@{alias}"),
        }
    }
}
