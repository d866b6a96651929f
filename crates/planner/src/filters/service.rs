//! The machine must be sold through the managed service that is asked for.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// The managed service of a provider.
pub(super) struct Service;

impl Rule for Service {
    fn name(&self) -> &'static str {
        "managed service"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.workload.services.is_empty()
    }

    fn machine(&self, ask: &Ask<'_>, machine: usize) -> bool {
        ask.rate(machine).is_some()
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let machine = &ask.market.machines[ask.market.machine[candidate.row as usize] as usize];
        let service = ask.workload.services.get(&*machine.provider);
        let service = service.map_or("", String::as_str);
        format!(
            "`{service}` does not sell `{}`, or not at a known price",
            machine.name
        )
    }
}
