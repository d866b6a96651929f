//! What Tradewind itself runs, as lines of the ledger: each attempt of a job with its real usage at
//! the price of its place, local machines at configured rates; endpoints, functions and buckets by
//! windows of time; and what of this machine nobody used.

mod asked;
mod difference;
mod line;
pub mod services;

pub use asked::Asked;
pub(crate) use asked::Attempted;
pub use difference::{AttemptFacts, Cause, Explained, explain};

use crate::amount::Amount;
use crate::focus::Column;
use crate::ledger::replace_file;
use crate::parts::Parts;
use crate::query::{
    Filter, JOB_TAG, Key, Metric, PIPELINE_TAG, Question, RUN_TAG, STEP_TAG, Test, WORKLOAD_TAG,
    WORKSPACE_TAG,
};
use crate::row::{Checks, Row, is_currency};
use crate::{Error, Ledger};
use domain::Span;
use domain::job::{Attempt, Job};
use line::Line;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;

/// What an hour of this machine costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// An hour of one CPU.
    pub cpu_hour: Amount,
    /// An hour of one GiB of memory, by the peak of each attempt.
    pub memory_gib_hour: Amount,
    /// A month (of 730 hours) of one GiB in a bucket.
    pub storage_gib_month: Amount,
    /// A million requests to endpoints and functions.
    pub million_requests: Amount,
    /// An hour of the whole machine, used or not; what nobody used of it becomes lines of idle cost.
    /// Nothing means that only use is counted.
    pub machine_hour: Amount,
    /// In which currency.
    pub currency: String,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            cpu_hour: Amount::ZERO,
            memory_gib_hour: Amount::ZERO,
            storage_gib_month: Amount::ZERO,
            million_requests: Amount::ZERO,
            machine_hour: Amount::ZERO,
            currency: "USD".to_owned(),
        }
    }
}

/// What a place costs by the plan, and what the ledger says it cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EstimateAndActual {
    /// The run or job.
    pub workload: String,
    /// What its plan or its limits allowed for; unset when it had neither.
    pub estimate: Option<Amount>,
    /// Its lines in the ledger.
    pub actual: Amount,
    /// The currency.
    pub currency: String,
    /// Actual less estimate.
    pub difference: Option<Amount>,
}

pub(crate) const HOUR: i128 = 3_600_000;
pub(crate) const GIB: i128 = 1 << 30;

impl Rates {
    /// What so much of this machine costs: CPU time, and memory for the wall-clock time.
    pub fn cost(&self, cpu: Span, memory_bytes: u64, wall: Span) -> Amount {
        let cpu = self.cpu_hour.part(i128::from(cpu.0.max(0)), HOUR);
        let gibs = self.memory_gib_hour.part(i128::from(memory_bytes), GIB);
        cpu + gibs.part(i128::from(wall.0.max(0)), HOUR)
    }
}

impl Ledger {
    /// The rates of this machine; nothing unless they were set.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn rates(&self) -> Result<Rates, Error> {
        let path = self.folder().join("rates.json");
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| Error::damaged(&path, error.to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Rates::default()),
            Err(error) => Err(Error::io(&path)(error)),
        }
    }

    /// Sets the rates; attempts that are metered later cost so much.
    ///
    /// # Errors
    /// When they are negative or cannot be kept.
    pub fn set_rates(&self, rates: &Rates) -> Result<(), Error> {
        let all = [
            rates.cpu_hour,
            rates.memory_gib_hour,
            rates.storage_gib_month,
            rates.million_requests,
            rates.machine_hour,
        ];
        if all.into_iter().any(|rate| rate < Amount::ZERO) {
            return Err(Error::Invalid("a rate is not negative".to_owned()));
        }
        if !is_currency(&rates.currency) {
            let code = &rates.currency;
            let what = format!("`{code}` is no currency: three capital letters such as `USD`");
            return Err(Error::Invalid(what));
        }
        let _lock = self.lock()?;
        let bytes = serde_json::to_vec_pretty(rates);
        let bytes = bytes.map_err(|error| Error::Invalid(error.to_string()))?;
        replace_file(&self.folder().join("rates.json"), &bytes)
    }

    /// Adds the attempts of jobs that are over, and remembers that the store's events were read up
    /// to `sequence` in the same change: whatever is asked twice counts once.
    ///
    /// # Errors
    /// When the ledger is being changed or cannot be written.
    pub fn meter(&self, jobs: &[Job], sequence: i64) -> Result<u64, Error> {
        let lock = self.lock()?;
        let mut manifest = self.manifest()?;
        if sequence <= manifest.metered {
            return Ok(0);
        }
        let rates = self.rates()?;
        let mut checks = Checks::new(None);
        let mut row = Row::new();
        let mut parts = Parts::new(self, &manifest);
        let mut lines = 0;
        let mut used_here = Amount::ZERO;
        for job in jobs {
            for attempt in &job.attempts {
                row.clear();
                fill(job, attempt, &rates, &mut row);
                row.check(&mut checks).map_err(|reject| {
                    let what = format!("job `{}`: {} {}", job.id, reject.column, reject.reason);
                    Error::Invalid(what)
                })?;
                parts.push(&format!("Tradewind/{}", job.workspace), &row)?;
                if attempt.placement.provider == "local" {
                    let cost = row.amount(Column::EffectiveCost).unwrap_or_default();
                    used_here += cost;
                }
                lines += 1;
            }
        }
        manifest.parts.extend(parts.finish()?);
        manifest.unbalanced += used_here;
        manifest.metered = sequence;
        manifest.generation += 1;
        self.commit(&lock, &manifest)?;
        Ok(lines)
    }

    /// What a run or job was estimated at beside its lines.
    ///
    /// # Errors
    /// Those of [`Ledger::ask`].
    pub fn estimate_and_actual(
        &self,
        workload: &str,
        estimate: Option<Amount>,
    ) -> Result<Vec<EstimateAndActual>, Error> {
        let run = Filter {
            key: Key::Tag(RUN_TAG.to_owned()),
            test: Test::Is(vec![workload.to_owned()]),
        };
        let answer = self.ask(&Question {
            metrics: vec![Metric::Effective],
            filters: vec![run],
            ..Question::default()
        })?;
        let both = answer.totals.into_iter().map(|total| EstimateAndActual {
            workload: workload.to_owned(),
            estimate,
            actual: total.values[0],
            difference: estimate.map(|estimate| total.values[0] - estimate),
            currency: total.currency,
        });
        Ok(both.collect())
    }
}

/// Tags by which a job's costs are found again; its own come first.
pub fn tags_of(job: &Job) -> BTreeMap<String, String> {
    let mut tags = job.spec.tags.clone();
    let mut put = |key: &str, value: String| {
        tags.insert(key.to_owned(), value);
    };
    put(WORKSPACE_TAG, job.workspace.to_string());
    put(JOB_TAG, job.id.to_string());
    match &job.step {
        Some(step) => {
            put(RUN_TAG, step.run.to_string());
            put(STEP_TAG, step.path.to_string());
            let workload = match job.spec.tags.get(PIPELINE_TAG) {
                Some(pipeline) => format!("{pipeline}/{}", step.path),
                None => step.path.to_string(),
            };
            put(WORKLOAD_TAG, workload);
        }
        None => put(WORKLOAD_TAG, job.id.to_string()),
    }
    tags
}

/// One attempt as a line of FOCUS.
fn fill(job: &Job, attempt: &Attempt, rates: &Rates, row: &mut Row) {
    let (exit, placement) = (&attempt.exit, &attempt.placement);
    let usage = exit.usage;
    let started = exit.started.unwrap_or(exit.ended - usage.wall);
    let local = placement.provider == "local";
    let cost = if local {
        rates.cost(usage.cpu, usage.peak_memory, usage.wall)
    } else {
        Amount::from(placement.hourly_price).part(i128::from(usage.wall.0.max(0)), HOUR)
    };
    let tags = tags_of(job);
    let (ticket, id) = (attempt.ticket.to_string(), job.id.to_string());
    let line = Line {
        workspace: job.workspace.as_str(),
        currency: if local { &rates.currency } else { "USD" },
        description: "attempt of a job",
        host: &placement.provider,
        category: "AI and Machine Learning",
        service: "Jobs",
        region: &placement.region,
        resource: &ticket,
        name: &id,
        kind: &placement.machine_type,
        meter: None,
        unit: "CPU-Hours",
        quantity: Amount::ratio(i128::from(usage.cpu.0.max(0)), HOUR),
        cost,
        tags: &tags,
        from: started,
        to: exit.ended,
    };
    line.fill(row);
    if let Some(details) = Attempted::of(job, attempt) {
        row.set(Column::SkuPriceDetails, &details);
    }
}
