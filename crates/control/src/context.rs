//! What every command and reconciler works with.

use crate::activities::Dialects;
use crate::driver::hints::Hints;
use crate::jobs::checkpoints::Copies;
use crate::plans::{KnownPlans, Offers, RefusalMemory};
use crate::runs::KnownRuns;
use contracts::backend::Provider;
use contracts::data_plane::DataPlane;
use contracts::functions::Functions;
use contracts::objects::Objects;
use contracts::spending::Spending;
use contracts::staging::Stager;
use contracts::store::Store;
use contracts::telemetry::Telemetry;
use contracts::world::World;
use domain::Span;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The times by which reconcilers work.
#[derive(Debug, Clone)]
pub struct Pace {
    /// How long a claimed row is leased.
    pub lease: Span,
    /// When something that moves is looked at again if nothing wakes its reconciler.
    pub poll: Span,
    /// Pause after an error of the store or a provider.
    pub retry: Span,
    /// Pause between two orphan sweeps.
    pub sweep: Span,
    /// Activations at once.
    pub concurrency: usize,
    /// Jobs that may be live on one provider at once; more wait in the queue.
    pub live_jobs: u32,
    /// A run that goes on is one row up to so many bytes of JSON, and more rows beyond.
    pub whole_run: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Span::seconds(20),
            poll: Span::seconds(2),
            retry: Span::seconds(1),
            sweep: Span::minutes(1),
            concurrency: 32,
            live_jobs: 64,
            whole_run: 8 << 10,
        }
    }
}

/// The control plane of one server: the seams it works through and the pace it keeps.
pub struct Control {
    /// State.
    pub store: Arc<dyn Store>,
    /// Metric series and logs.
    pub telemetry: Arc<dyn Telemetry>,
    /// Buckets.
    pub objects: Arc<dyn Objects>,
    /// Finds inputs.
    pub stager: Arc<dyn Stager>,
    /// Says whether a submission is paid for.
    pub spending: Arc<dyn Spending>,
    /// What runs are planned on; unset where they are not planned.
    pub offers: Option<Arc<dyn Offers>>,
    /// What providers have refused.
    pub refusals: RefusalMemory,
    /// Places that run workloads, by name.
    pub providers: BTreeMap<String, Provider>,
    /// What answers predictions on this server.
    pub data_plane: Arc<dyn DataPlane>,
    /// What answers calls of functions on this server.
    pub function_plane: Arc<dyn Functions>,
    /// Wakes those who make asynchronous calls.
    pub function_events: tokio::sync::Notify,
    /// Time and randomness.
    pub world: World,
    /// The pace of reconcilers.
    pub pace: Pace,
    /// Variables that every job gets: the server's own address, for example. Set once, before the
    /// driver runs; what they hold is made with this very control plane.
    pub job_env: OnceLock<BTreeMap<String, String>>,
    /// Variables that jobs of the usual workspace get beside those: keys that open it. Set once, as
    /// the ones before.
    pub job_keys: OnceLock<BTreeMap<String, String>>,
    /// Unique for this process.
    pub owner: String,
    /// Wakes the driver.
    pub hints: Hints,
    /// What was copied of live jobs' checkpoints.
    pub copies: Copies,
    /// Runs that go on, as they were read last.
    pub known_runs: KnownRuns,
    /// Plans of runs, as they were read.
    pub known_plans: KnownPlans,
    /// Dialects whose requests reconcilers make and observe.
    pub dialects: Dialects,
}

/// The bucket of code archives, model artifacts and job outputs.
pub const SYSTEM_BUCKET: &str = "tradewind";
