//! The machine must have the accelerators that are asked for, all of one model.

use super::Rule;
use crate::ask::{Ask, Candidate};

/// Model and count of accelerators; more of the model than asked for will do.
pub(super) struct Accelerators;

impl Rule for Accelerators {
    fn name(&self) -> &'static str {
        "accelerator"
    }

    fn asked(&self, ask: &Ask<'_>) -> bool {
        !ask.workload.resources.accelerators.is_empty()
    }

    fn machine(&self, ask: &Ask<'_>, machine: usize) -> bool {
        let wanted = &ask.workload.resources.accelerators;
        let Some(has) = &ask.market.machines[machine].accelerator else {
            return false;
        };
        wanted.iter().all(|(model, &count)| {
            has.model.eq_ignore_ascii_case(ask.market.canonical(model))
                && u64::from(has.count_milli) >= u64::from(count) * 1000
        })
    }

    fn why(&self, ask: &Ask<'_>, candidate: Candidate) -> String {
        let machine = &ask.market.machines[ask.market.machine[candidate.row as usize] as usize];
        let wanted: Vec<String> = ask
            .workload
            .resources
            .accelerators
            .iter()
            .map(|(model, count)| format!("{count} × {model}"))
            .collect();
        let wanted = wanted.join(" and ");
        machine.accelerator.as_ref().map_or_else(
            || {
                format!(
                    "`{}` has no accelerator where {wanted} is asked for",
                    machine.name
                )
            },
            |has| {
                let count = f64::from(has.count_milli) / 1000.0;
                format!(
                    "`{}` has {count} × {} where {wanted} is asked for",
                    machine.name, has.model
                )
            },
        )
    }
}
