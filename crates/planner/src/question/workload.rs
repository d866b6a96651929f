//! One thing to be placed.

use std::collections::BTreeMap;

use domain::Span;
use domain::job::JobSpec;
use domain::offer::Architecture;
use domain::policy::Policy;
use domain::resources::Resources;
use serde::{Deserialize, Serialize};

use super::RunTime;

/// Data that is at a fixed place before or after.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DataAt {
    /// Provider of the region.
    pub provider: String,
    /// Its code.
    pub region: String,
    /// How much is moved.
    pub bytes: u64,
}

/// A place to stay near to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Near {
    /// Provider of the region.
    pub provider: String,
    /// Its code.
    pub region: String,
    /// Most kilometres, along the great circle.
    pub kilometres: u32,
}

/// Hard limits beyond those of [`Policy`]. Everything unset means "no limit".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bounds {
    /// Regions that may be used, as `code` or `provider/code`; empty means all.
    pub regions: Vec<String>,
    /// Residency rules for where the data it writes may be stored, besides those for compute.
    pub data_residency: Vec<String>,
    /// Residency rules for both ends of every path its data takes.
    pub egress_residency: Vec<String>,
    /// Certifications the region must have.
    pub certifications: Vec<String>,
    /// Distance to a place.
    pub near: Option<Near>,
    /// Most milligrams of CO2 equivalent a kilowatt-hour of the region's grid may carry; regions
    /// where that is not known pass, and the plan says so.
    pub carbon: Option<u32>,
}

/// How a workload saves its progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Work between two checkpoints.
    pub every: Span,
    /// Time that writing one takes.
    pub writing: Span,
    /// Time to load one after an interruption, besides the set-up.
    pub restoring: Span,
}

/// One thing to be placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Unique in its question.
    pub name: String,
    /// What it needs of a machine; `nodes` of them run together in one place.
    pub resources: Resources,
    /// What its owner demands.
    pub policy: Policy,
    /// Further hard limits.
    pub bounds: Bounds,
    /// Processor it must have; unset means x86_64, which every environment can run on.
    pub architectures: Vec<Architecture>,
    /// How long it takes.
    pub run_time: RunTime,
    /// Image and environment set-up before user code starts.
    pub set_up: Span,
    /// How it saves progress; unset means an interruption loses everything.
    pub checkpoint: Option<Checkpoint>,
    /// Managed service to buy through, by provider (`aws` to `sagemaker`); providers not
    /// named are paid for the bare machine.
    pub services: BTreeMap<String, String>,
    /// Data it reads from fixed places.
    pub inputs: Vec<DataAt>,
    /// Data it must leave at fixed places.
    pub outputs: Vec<DataAt>,
}

impl Workload {
    /// A workload that takes an hour wherever it runs, with two minutes of set-up.
    pub fn new(name: &str, resources: Resources, policy: Policy) -> Self {
        Self {
            name: name.to_owned(),
            resources,
            policy,
            bounds: Bounds::default(),
            architectures: vec![Architecture::X86_64],
            run_time: RunTime::declared(Span::hours(1)),
            set_up: Span::minutes(2),
            checkpoint: None,
            services: BTreeMap::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// The workload of a job with what its owner expects; its time limit, when it has one, stands
    /// in for a run time that nobody declared until history knows better.
    pub fn of_job(name: &str, job: &JobSpec) -> Self {
        let mut workload = Self::new(name, job.resources.clone(), job.policy.clone());
        let expected = &job.expected;
        if let Some(time) = expected
            .run_time
            .or(job.policy.timeout)
            .or(job.limits.wall_clock)
        {
            workload.run_time = RunTime::declared(time);
        }
        if let (Some(_), Some((model, &count))) = (expected.run_time, expected.on.iter().next()) {
            let time = workload.run_time.declared;
            workload.run_time = RunTime::on_accelerators(time, model, count);
        }
        workload.checkpoint = expected.checkpoint.map(|every| Checkpoint {
            every,
            writing: Span(0),
            restoring: Span(0),
        });
        let data = |all: &[domain::expected::DataAt]| {
            let at = all.iter().map(|it| DataAt {
                provider: it.provider.clone(),
                region: it.region.clone(),
                bytes: it.size.0,
            });
            at.collect()
        };
        workload.inputs = data(&expected.inputs);
        workload.outputs = data(&expected.outputs);
        workload
    }

    /// Sets how long it takes.
    #[must_use]
    pub fn takes(mut self, run_time: RunTime) -> Self {
        self.run_time = run_time;
        self
    }

    /// Machines that run it together, at least one.
    pub fn nodes(&self) -> u32 {
        self.resources.nodes.max(1)
    }
}
