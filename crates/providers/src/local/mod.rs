//! This machine as a place to run workloads.
//!
//! Each ticket has a folder; a supervisor process of its own runs it (`runtimes::supervisor`). This
//! side only writes folders, starts supervisors and reads what they wrote, so it holds no state
//! that a restart could lose, and several servers may look at the same folders.

mod backend;
mod changes;
mod config;
mod environments;
mod errors;
mod follow;
mod launch;
mod machine;
mod remains;
mod spares;
mod template;
mod tickets;
mod used;

pub use backend::LocalBackend;
pub use config::Config;
pub use environments::LocalEnvironments;
pub use machine::MachineFacts;

use contracts::backend::Provider;
use std::sync::Arc;

/// This machine as a provider.
pub fn provider(config: Config) -> Provider {
    let backend = Arc::new(LocalBackend::new(config));
    Provider {
        name: "local".to_owned(),
        backend: backend.clone(),
        remains: Some(backend),
    }
}
