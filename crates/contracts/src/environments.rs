//! Makes what user code runs in.

use domain::environment::Environment;
use std::path::PathBuf;

/// An environment that exists on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The interpreter.
    pub python: PathBuf,
    /// Content address: equal environments have equal hashes.
    pub hash: String,
    /// Deviations from what was asked for, such as a nearest version.
    pub warnings: Vec<String>,
}

/// Why an environment cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// This machine cannot have it, whatever is tried.
    #[error("{0}")]
    Unsupported(String),
    /// The requirements cannot be resolved; carries the resolver's reason.
    #[error("{0}")]
    Unresolvable(String),
    /// It failed for now: network, disk.
    #[error("{message}")]
    Failed {
        /// What was being done.
        message: String,
        /// Why.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// Makes environments, once each.
#[async_trait::async_trait]
pub trait Environments: Send + Sync {
    /// The environment, made when it is not there yet. `progress` hears a line for each step.
    async fn prepare(
        &self,
        environment: &Environment,
        progress: &(dyn for<'line> Fn(&'line str) + Send + Sync),
    ) -> Result<Prepared, EnvironmentError>;
}
