//! How long a workload runs on each machine type, and how sure that is.
//!
//! History of the same machine type comes first: the median of the runs, with the tenth and
//! ninetieth percentile as the early and late end. Machines without history are reckoned from the
//! declaration and its reference, corrected by how far history was off on the machines it knows.

use std::collections::BTreeMap;

use domain::offer::{Accelerator, Machine};
use serde::{Deserialize, Serialize};

use crate::market::Market;
use crate::question::{Question, Reference, Workload};
use crate::search::problem::LARGEST;

/// Where a run time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Basis {
    /// As declared.
    Declared,
    /// Scaled from the declared reference.
    Scaled,
    /// Median of runs on this machine type.
    Learned {
        /// How many runs.
        runs: u32,
    },
    /// Scaled, and corrected by runs on other machine types.
    Corrected {
        /// How many runs.
        runs: u32,
    },
}

/// How long a run is expected to take, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunEstimate {
    /// A lucky run.
    pub early: i64,
    /// The median.
    pub likely: i64,
    /// An unlucky run.
    pub late: i64,
    /// Where it comes from.
    pub basis: Basis,
}

/// Per-mille the late end lies above, and the early end below, where a run time is only scaled.
const SCALED_SPREAD: i64 = 250;

/// The run time on every machine of the market.
pub(crate) fn on_all_machines(
    question: &Question,
    workload: &Workload,
) -> Vec<Option<RunEstimate>> {
    let market = &*question.market;
    let machines = market.machines();
    let runs = observed(question, workload);
    if runs.is_empty() && workload.run_time.on == Reference::Anywhere {
        return vec![Some(exactly(workload.run_time.declared.0)); machines.len()];
    }
    let correction = correction(market, workload, &runs);
    machines
        .iter()
        .map(|machine| {
            if let Some(known) = runs.get(&(&*machine.provider, &*machine.name)) {
                return learned(known);
            }
            let scaled = scaled(market, workload, machine)?;
            reckoned(workload, scaled, correction)
        })
        .collect()
}

fn exactly(time: i64) -> RunEstimate {
    RunEstimate {
        early: time,
        likely: time,
        late: time,
        basis: Basis::Declared,
    }
}

type Runs<'a> = BTreeMap<(&'a str, &'a str), Vec<i64>>;

fn observed<'a>(question: &'a Question, workload: &Workload) -> Runs<'a> {
    let mut runs = Runs::new();
    let Some(name) = &workload.run_time.history else {
        return runs;
    };
    for run in &question.history.0 {
        if run.name == *name && (1..=LARGEST).contains(&run.took.0) {
            let key = (run.provider.as_str(), run.machine.as_str());
            runs.entry(key).or_default().push(run.took.0);
        }
    }
    for times in runs.values_mut() {
        times.sort_unstable();
    }
    runs
}

/// The declared time scaled to a machine; `None` when the figures do not tell.
fn scaled(market: &Market, workload: &Workload, machine: &Machine) -> Option<i64> {
    let declared = i128::from(workload.run_time.declared.0);
    let time = match &workload.run_time.on {
        Reference::Anywhere => declared,
        Reference::Cpus {
            milli_cpus,
            parallel,
        } => {
            // Amdahl: serial + parallel / n, both in thousandths, n in thousandths of processors.
            let share = i128::from(*parallel);
            let needs = |cpus: u32| (1000 - share) * i128::from(cpus) + share * 1000;
            let (here, there) = (machine.vcpus_milli, *milli_cpus);
            if here == 0 {
                return None;
            }
            let numerator = declared * needs(here) * i128::from(there);
            numerator / (needs(there) * i128::from(here)).max(1)
        }
        Reference::Accelerators { model, count } => {
            let has = machine.accelerator.as_ref()?;
            let there = i128::from(market.speed(model)?) * i128::from(*count) * 1000;
            let at_work = in_use(market, workload, has, *count);
            let here = i128::from(market.speed(&has.model)?) * i128::from(at_work);
            declared * there / here.max(1)
        }
    };
    i64::try_from(time.max(1))
        .ok()
        .filter(|&time| time <= LARGEST)
}

/// Thousandths of a machine's accelerators that the code uses: as many as it asks for, else as many
/// as the reference has. What a machine has beyond that is paid for and idle.
fn in_use(market: &Market, workload: &Workload, has: &Accelerator, reference: u32) -> u32 {
    let asked = workload.resources.accelerators.iter();
    let asked = asked
        .filter(|(model, _)| has.model.eq_ignore_ascii_case(market.canonical(model)))
        .map(|(_, &count)| count)
        .max();
    let wanted = asked.unwrap_or(reference).saturating_mul(1_000);
    wanted.min(has.count_milli)
}

/// Median of observed over reckoned, in thousandths, and the number of runs it rests on.
fn correction(market: &Market, workload: &Workload, runs: &Runs<'_>) -> Option<(i64, u32)> {
    let mut ratios = Vec::new();
    for machine in market.machines() {
        let Some(times) = runs.get(&(&*machine.provider, &*machine.name)) else {
            continue;
        };
        let Some(reckoned) = scaled(market, workload, machine) else {
            continue;
        };
        for &time in times {
            ratios.push((i128::from(time) * 1000 / i128::from(reckoned)).min(1_000_000_000) as i64);
        }
    }
    ratios.sort_unstable();
    let median = middle(&ratios)?;
    Some((median.max(1), ratios.len() as u32))
}

fn reckoned(workload: &Workload, scaled: i64, by: Option<(i64, u32)>) -> Option<RunEstimate> {
    let (likely, basis) = match by {
        Some((ratio, runs)) => {
            let time = i128::from(scaled) * i128::from(ratio) / 1000;
            (i64::try_from(time.max(1)).ok()?, Basis::Corrected { runs })
        }
        None if workload.run_time.on == Reference::Anywhere => return Some(exactly(scaled)),
        None => (scaled, Basis::Scaled),
    };
    let spread = (i128::from(likely) * i128::from(SCALED_SPREAD) / 1000) as i64;
    let late = likely.checked_add(spread).filter(|&late| late <= LARGEST)?;
    Some(RunEstimate {
        early: likely - spread,
        likely,
        late,
        basis,
    })
}

fn middle(sorted: &[i64]) -> Option<i64> {
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(sorted[half - 1] + (upper - sorted[half - 1]) / 2)
}

/// Median and the middle four fifths of sorted runs. Of fewer than nine runs the extremes are
/// taken and widened, by half for a single one and less for more.
fn learned(sorted: &[i64]) -> Option<RunEstimate> {
    let count = sorted.len();
    let likely = middle(sorted)?;
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let (early, late) = if count < 9 {
        let widen = |time: i64| time / (2 * count as i64);
        (first - widen(first), last.saturating_add(widen(last)))
    } else {
        (
            sorted[(count + 1) / 10 - 1],
            sorted[count - (count + 1) / 10],
        )
    };
    let basis = Basis::Learned { runs: count as u32 };
    Some(RunEstimate {
        early: early.max(1),
        likely,
        late,
        basis,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_gives_a_median_with_an_interval() {
        let one = learned(&[1000]).unwrap();
        assert_eq!((one.early, one.likely, one.late), (500, 1000, 1500));
        let many: Vec<i64> = (1..=19).map(|n| n * 100).collect();
        let known = learned(&many).unwrap();
        assert_eq!((known.early, known.likely, known.late), (200, 1000, 1800));
        assert_eq!(middle(&[1, 4]), Some(2));
        assert_eq!(middle(&[]), None);
    }
}
