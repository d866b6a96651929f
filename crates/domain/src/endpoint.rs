//! Endpoints: a stable address, and what answers behind it.

use crate::{EndpointName, ModelName, Name, Share, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A model version behind an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Deployment {
    /// Its name within the endpoint: `blue`, `v3`, a production variant.
    pub name: Name,
    /// The model.
    pub model: ModelName,
    /// The version, counted from 1.
    pub version: u32,
    /// Workers.
    pub replicas: u32,
    /// Of the traffic; the shares of an endpoint add up to 100 %.
    pub share: Share,
}

/// What shall answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EndpointSpec {
    /// At least one.
    pub deployments: Vec<Deployment>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// Whether it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum EndpointPhase {
    /// The first deployments are being started.
    Creating,
    /// It answers as asked.
    Ready,
    /// It answers as before while something new is started.
    Updating,
    /// What was asked for could not be started; what answered before still does.
    Failed {
        /// One paragraph.
        message: String,
    },
    /// Being taken down.
    Deleting,
}

impl EndpointPhase {
    /// One word for lists and filters.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Ready => "ready",
            Self::Updating => "updating",
            Self::Failed { .. } => "failed",
            Self::Deleting => "deleting",
        }
    }
}

/// An endpoint as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Endpoint {
    /// Its name.
    pub name: EndpointName,
    /// Scope.
    pub workspace: Workspace,
    /// What shall answer.
    pub spec: EndpointSpec,
    /// Counts changes of the spec; data planes follow it.
    pub generation: u64,
    /// Where it stands.
    pub phase: EndpointPhase,
    /// When it was made.
    pub created: Timestamp,
    /// When its spec last changed.
    pub updated: Timestamp,
}

/// Why a spec cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// No deployments.
    #[error("an endpoint needs at least one deployment")]
    Empty,
    /// Two of one name.
    #[error("deployment `{0}` is there twice")]
    Duplicate(Name),
    /// Shares that do not add up.
    #[error("the shares add up to {0} hundredths of a per cent instead of 10000")]
    Shares(u64),
    /// A deployment without workers.
    #[error("deployment `{0}` needs between 1 and 256 replicas")]
    Replicas(Name),
}

impl EndpointSpec {
    /// Checks names, shares and replicas.
    pub fn check(&self) -> Result<(), InvalidEndpoint> {
        if self.deployments.is_empty() {
            return Err(InvalidEndpoint::Empty);
        }
        for (position, deployment) in self.deployments.iter().enumerate() {
            if self.deployments[..position]
                .iter()
                .any(|other| other.name == deployment.name)
            {
                return Err(InvalidEndpoint::Duplicate(deployment.name.clone()));
            }
            if !(1..=256).contains(&deployment.replicas) {
                return Err(InvalidEndpoint::Replicas(deployment.name.clone()));
            }
        }
        let sum = self
            .deployments
            .iter()
            .map(|d| u64::from(d.share.basis_points()))
            .sum();
        if sum != 10_000 {
            return Err(InvalidEndpoint::Shares(sum));
        }
        Ok(())
    }
}

impl Endpoint {
    /// Whether it already serves, or is about to serve, exactly this.
    pub fn serves(&self, spec: &EndpointSpec) -> bool {
        let sound = !matches!(
            self.phase,
            EndpointPhase::Failed { .. } | EndpointPhase::Deleting
        );
        sound && self.spec == *spec
    }
}
