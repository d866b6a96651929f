//! The machine must have a processor that the environment runs on.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Processor architecture.
pub(super) struct Architectures;

impl Rule for Architectures {
    fn name(&self) -> &'static str {
        "architecture"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.workload.architectures.is_empty()
    }

    fn machine(&self, ask: &Ask<'_>, machine: usize) -> bool {
        let wanted = &ask.workload.architectures;
        wanted.is_empty() || wanted.contains(&ask.market.machines[machine].architecture)
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let machine = &ask.market.machines[ask.market.machine[candidate.row as usize] as usize];
        let wanted: Vec<String> = ask
            .workload
            .architectures
            .iter()
            .map(ToString::to_string)
            .collect();
        let wanted = wanted.join(" or ");
        format!(
            "`{}` is {} where {wanted} is asked for",
            machine.name, machine.architecture
        )
    }
}
