//! The machine must be the type that is asked for by name.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// A machine type by the provider's own name.
pub(super) struct InstanceType;

impl Rule for InstanceType {
    fn name(&self) -> &'static str {
        "machine type"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        ask.workload.resources.instance_type.is_some()
    }

    fn machine(&self, ask: &Ask<'_>, machine: usize) -> bool {
        let wanted = ask.workload.resources.instance_type.as_deref();
        wanted.is_none_or(|wanted| *ask.market.machines[machine].name == *wanted)
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let machine = &ask.market.machines[ask.market.machine[candidate.row as usize] as usize];
        let wanted = ask
            .workload
            .resources
            .instance_type
            .as_deref()
            .unwrap_or_default();
        format!("`{}` is not the machine type `{wanted}`", machine.name)
    }
}
