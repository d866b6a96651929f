//! The machine must have the memory that is asked for.

use domain::ByteSize;

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Main memory.
pub(super) struct Memory;

impl Rule for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        ask.workload.resources.memory.is_some()
    }

    fn machine(&self, ask: &Ask<'_>, machine: usize) -> bool {
        let has = ByteSize(ask.market.machines[machine].memory_bytes);
        ask.workload
            .resources
            .memory
            .is_none_or(|wanted| wanted.admits(has))
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let machine = &ask.market.machines[ask.market.machine[candidate.row as usize] as usize];
        let wanted = ask
            .workload
            .resources
            .memory
            .map_or(ByteSize(0), |wanted| wanted.least());
        let has = ByteSize(machine.memory_bytes);
        format!(
            "`{}` has {has} of memory where {wanted} are asked for",
            machine.name
        )
    }
}
