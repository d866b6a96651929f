//! The machine must have the virtual processors that are asked for.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Virtual processors.
pub(super) struct Cpus;

impl Rule for Cpus {
    fn name(&self) -> &'static str {
        "cpu"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        ask.workload.resources.milli_cpus.is_some()
    }

    fn machine(&self, ask: &Ask<'_>, machine: usize) -> bool {
        let wanted = ask.workload.resources.milli_cpus;
        wanted.is_none_or(|wanted| wanted.admits(ask.market.machines[machine].vcpus_milli))
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let machine = &ask.market.machines[ask.market.machine[candidate.row as usize] as usize];
        let wanted = ask
            .workload
            .resources
            .milli_cpus
            .map_or(0, |wanted| wanted.least());
        format!(
            "`{}` has {} vCPU where {} are asked for",
            machine.name,
            f64::from(machine.vcpus_milli) / 1000.0,
            f64::from(wanted) / 1000.0
        )
    }
}
