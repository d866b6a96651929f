//! How long the workload takes on the machine must be known.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// A run time that can be told.
pub(super) struct KnownRunTime;

impl Rule for KnownRunTime {
    fn name(&self) -> &'static str {
        "run time"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !matches!(
            ask.workload.run_time.on,
            crate::question::Reference::Anywhere
        )
    }

    fn machine(&self, ask: &Ask<'_>, machine: usize) -> bool {
        ask.run[machine].is_some()
    }

    fn can_relax(&self) -> bool {
        false
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let machine = &ask.market.machines[ask.market.machine[candidate.row as usize] as usize];
        format!(
            "how long `{}` takes on `{}` cannot be told from figures or history",
            ask.workload.name, machine.name
        )
    }
}
