//! What is seen of an endpoint.

use crate::figures::Figures;
use crate::replica::{Batches, Facts};
use crate::spec::EndpointKey;
use domain::{Name, Share};

/// An endpoint as it is now.
#[derive(Debug, Clone)]
pub struct EndpointStatus {
    /// Which.
    pub key: EndpointKey,
    /// The generation asked for.
    pub generation: u64,
    /// The generation that requests reach, if any.
    pub serving: Option<u64>,
    /// Where it stands.
    pub phase: Phase,
    /// What requests reach, and what is being started to replace it.
    pub deployments: Vec<DeploymentStatus>,
}

/// Where an endpoint stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The first replicas are being started.
    Creating,
    /// All that was asked for answers.
    Ready,
    /// What answered before still does while something new is started.
    Updating,
    /// What was asked for does not start; it is tried again, more and more slowly.
    Failing {
        /// Why, with file and line of the user's code when it raised.
        message: String,
    },
}

/// One deployment as it is now.
#[derive(Debug, Clone)]
pub struct DeploymentStatus {
    /// Its name.
    pub name: Name,
    /// `model:version`.
    pub model: String,
    /// Its share of the traffic.
    pub share: Share,
    /// Whether requests reach it.
    pub role: Role,
    /// Replicas that there shall be now.
    pub wanted: u32,
    /// Replicas that are kept whatever the load.
    pub floor: u32,
    /// Replicas that there may be.
    pub most: u32,
    /// Replicas that can answer, those that are busy included.
    pub ready: u32,
    /// Replicas being started.
    pub starting: u32,
    /// Calls under way.
    pub running: usize,
    /// Requests waiting for a free replica.
    pub waiting: usize,
    /// Why the last start failed, if none has succeeded since.
    pub trouble: Option<String>,
    /// What the replicas say of themselves.
    pub replicas: Vec<Facts>,
    /// What the present replicas computed together.
    pub batches: Batches,
    /// Counters.
    pub figures: Figures,
}

/// Whether requests reach a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// They do.
    Serving,
    /// It is being started and will take over.
    Incoming,
}

impl DeploymentStatus {
    /// Whether a request would be answered: a replica is ready, or one would be started for it.
    pub fn answers(&self) -> bool {
        self.ready > 0 || self.wanted == 0 && self.most > 0 && self.trouble.is_none()
    }
}
