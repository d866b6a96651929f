//! What taking an offer would cost and how long it would take, one term a file.
//!
//! Times are integers of milliseconds and money integers of micros; where a formula needs real
//! numbers (expected interruptions) only the four operations are used, which every machine rounds
//! alike.

pub(crate) mod billing;
pub(crate) mod compute;
pub(crate) mod disk;
pub(crate) mod interruption;
pub(crate) mod run_time;
pub(crate) mod transfer;
pub(crate) mod wait;

use crate::ask::{Ask, Candidate};
use crate::search::problem::LARGEST;
use run_time::RunEstimate;

/// Everything an estimate consists of, data transfers between workloads excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Micros for the machines.
    pub compute: i64,
    /// Micros for their disks.
    pub disk: i64,
    /// Micros an hour for all machines.
    pub hourly: i64,
    /// Milliseconds in queues.
    pub wait: i64,
    /// Milliseconds that are billed.
    pub billed: i64,
    /// The run time on this machine.
    pub run: RunEstimate,
    /// Milliseconds the run takes with interruptions and saving of progress, at the median.
    pub likely: i64,
    /// The same for a late run.
    pub late: i64,
    /// Milliseconds of set-up.
    pub set_up: i64,
}

impl Terms {
    /// Micros in all.
    pub(crate) fn cost(&self) -> i64 {
        self.compute.saturating_add(self.disk)
    }

    /// Milliseconds from being allowed to start to the result.
    pub(crate) fn time(&self, cautious: bool) -> i64 {
        let run = if cautious { self.late } else { self.likely };
        self.wait.saturating_add(self.set_up).saturating_add(run)
    }
}

/// The terms of an offer; `None` when it is not sold, or an amount is beyond all measure.
pub(crate) fn terms(ask: &Ask<'_>, candidate: Candidate) -> Option<Terms> {
    let machine = ask.market.machine[candidate.row as usize] as usize;
    let run = ask.run[machine]?;
    let (likely, late) = if candidate.is_spot() {
        let spot = interruption::Hazard::of(ask, candidate.row as usize);
        (
            spot.expected(ask.workload, run.likely)?,
            spot.expected(ask.workload, run.late)?,
        )
    } else {
        let saving = |run| interruption::with_checkpoints(ask.workload, run);
        (saving(run.likely), saving(run.late))
    };
    terms_with(ask, candidate, run, (likely, late))
}

/// The terms of an offer whose expected run is already known.
pub(crate) fn terms_with(
    ask: &Ask<'_>,
    candidate: Candidate,
    run: RunEstimate,
    (likely, late): (i64, i64),
) -> Option<Terms> {
    let row = candidate.row as usize;
    let set_up = ask.workload.set_up.0;
    let provider = &*ask.market.machines[ask.market.machine[row] as usize].provider;
    let billed = billing::billed(ask.market.is_own(provider), set_up.checked_add(likely)?);
    let hourly = ask.hourly(candidate)?;
    let terms = Terms {
        compute: compute::cost(hourly, billed)?,
        disk: disk::cost(ask, row, billed)?,
        hourly,
        wait: wait::expected(ask, candidate),
        billed,
        run,
        likely,
        late,
        set_up,
    };
    let sound = terms.cost() <= LARGEST && terms.time(true) <= LARGEST;
    sound.then_some(terms)
}
