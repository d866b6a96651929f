//! Endpoints: a stable address, and what answers behind it.

use crate::Network;
use crate::traffic::{Capture, InvalidTraffic, Traffic};
use crate::{ByteSize, EndpointName, ModelName, Name, Share, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most workers of one deployment.
pub const MOST_REPLICAS: u32 = 256;
/// Most calls of one batch.
pub const MOST_JOINED: u32 = 128;

/// A model version behind an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Deployment {
    /// Its name within the endpoint: `blue`, `v3`, a production variant.
    pub name: Name,
    /// The model.
    pub model: ModelName,
    /// The version, counted from 1.
    pub version: u32,
    /// Workers that are kept ready whatever the load: the warm floor. With 0 the first request
    /// waits for a start.
    pub replicas: u32,
    /// Of the traffic; the shares of an endpoint add up to 100 %.
    pub share: Share,
    /// How it scales and computes.
    #[serde(default, skip_serializing_if = "DeploymentOptions::is_default")]
    pub options: DeploymentOptions,
}

/// How a deployment scales and computes; the default is the plain form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct DeploymentOptions {
    /// Most workers under load; unset means as many as `replicas`, and one for `replicas: 0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most_replicas: Option<u32>,
    /// Most calls that one prediction answers together, 1 to 128; unset joins none. Only handlers
    /// whose rows are independent of each other join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// Whether the model may be evaluated inside the server.
    pub native: NativeUse,
    /// Most memory of one worker; unset is no limit of its own. One that uses it up is ended and
    /// replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<ByteSize>,
    /// What of the network the workers reach.
    #[serde(skip_serializing_if = "Network::is_open")]
    pub network: Network,
    /// Whether a call is made again on another worker when one ended in the middle of it.
    #[serde(skip_serializing_if = "Retry::is_once")]
    pub retry: Retry,
}

/// Whether a call may be made again after its worker ended in the middle of it. A call that had not
/// reached the user's code is always made again.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// Once: right for predictions, which have no effects.
    #[default]
    Once,
    /// Never: right for code with effects.
    Never,
}

impl Retry {
    /// Whether nothing else was asked for.
    pub fn is_once(&self) -> bool {
        *self == Self::Once
    }
}

/// Whether a model without code of its own may be evaluated inside the server instead of by a
/// Python worker.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NativeUse {
    /// Where it is known to answer the same.
    #[default]
    Auto,
    /// Never.
    Off,
}

impl DeploymentOptions {
    /// Whether nothing was asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Deployment {
    /// Most workers under load.
    pub fn most_replicas(&self) -> u32 {
        let floor = self.replicas.max(1);
        self.options.most_replicas.unwrap_or(floor).max(floor)
    }
}

/// What shall answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EndpointSpec {
    /// At least one.
    pub deployments: Vec<Deployment>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// How requests find a deployment beyond the shares.
    #[serde(default, skip_serializing_if = "Traffic::is_default")]
    pub traffic: Traffic,
    /// What of them is kept for monitoring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture: Option<Capture>,
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
    /// More workers than there may be, or a most that is below the floor.
    #[error(
        "deployment `{0}` needs between 0 and 256 replicas, and at most 256 but not fewer than \
         that, and at least 1, under load"
    )]
    Replicas(Name),
    /// A batch out of bounds.
    #[error("deployment `{0}` joins between 1 and 128 calls")]
    Batch(Name),
    /// Rules of traffic that cannot be followed.
    #[error(transparent)]
    Traffic(#[from] InvalidTraffic),
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
            let most = deployment.options.most_replicas;
            if deployment.replicas > MOST_REPLICAS
                || most.is_some_and(|most| {
                    !(deployment.replicas.max(1)..=MOST_REPLICAS).contains(&most)
                })
            {
                return Err(InvalidEndpoint::Replicas(deployment.name.clone()));
            }
            if deployment
                .options
                .batch
                .is_some_and(|batch| !(1..=MOST_JOINED).contains(&batch))
            {
                return Err(InvalidEndpoint::Batch(deployment.name.clone()));
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
        self.traffic.check(&self.deployments)?;
        if let Some(capture) = &self.capture {
            capture.check()?;
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
