//! What an attempt asked for beside what it used, kept with its line as `SkuPriceDetails`: the column
//! of FOCUS for properties, whose own names begin with `x_`.

use domain::ByteSize;
use domain::job::{Attempt, Job};
use domain::resources::Resources;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a step asks for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// Thousandths of a CPU; unset when nothing is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub milli_cpus: Option<u32>,
    /// Bytes of main memory; unset when nothing is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
}

impl Asked {
    /// The least that resources ask for.
    pub fn of(resources: &Resources) -> Self {
        Self {
            milli_cpus: resources.milli_cpus.map(|wish| wish.least()),
            memory: resources.memory.map(|wish| wish.least().0),
        }
    }

    /// Asks for this instead; a wish that is unset stays as it is.
    pub fn put(self, resources: &mut Resources) {
        use domain::resources::Amount::{AtLeast, Exactly};
        if let (Some(wish), Some(cpus)) = (&mut resources.milli_cpus, self.milli_cpus) {
            let (Exactly(asked) | AtLeast(asked)) = wish;
            *asked = cpus;
        }
        if let (Some(wish), Some(bytes)) = (&mut resources.memory, self.memory) {
            let (Exactly(asked) | AtLeast(asked)) = wish;
            *asked = ByteSize(bytes);
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpus = self.milli_cpus.map(|milli| {
            let cpus = crate::Amount::ratio(i128::from(milli), 1_000);
            format!("{cpus} CPUs")
        });
        let memory = self.memory.map(|bytes| ByteSize(bytes).to_string());
        let both: Vec<String> = cpus.into_iter().chain(memory).collect();
        f.write_str(&both.join(" and "))
    }
}

/// What is known of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attempted {
    #[serde(rename = "x_Asked")]
    pub(crate) asked: Asked,
    #[serde(rename = "x_PeakMemoryBytes")]
    pub(crate) peak_memory: u64,
    #[serde(rename = "x_WallMillis")]
    pub(crate) wall: i64,
    /// Whether its place has a price by the hour, so that a smaller one costs less.
    #[serde(rename = "x_PricedByHour")]
    pub(crate) by_hour: bool,
}

impl Attempted {
    /// Of a step that asks for something; nothing of any other job.
    pub(super) fn of(job: &Job, attempt: &Attempt) -> Option<String> {
        let asked = Asked::of(&job.spec.resources);
        if asked == Asked::default() || job.step.is_none() {
            return None;
        }
        let usage = attempt.exit.usage;
        let attempted = Self {
            asked,
            peak_memory: usage.peak_memory,
            wall: usage.wall.0,
            by_hour: attempt.placement.provider != "local",
        };
        serde_json::to_string(&attempted).ok()
    }
}
