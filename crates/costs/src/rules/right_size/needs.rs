//! What each part of a machine asks for, where it was measured.

use super::super::Context;
use super::super::utilization::{MEMORY, Machine, NETWORK};
use super::{LEAST_DAYS, Size, size_for};

/// Sizes against the present ones.
pub(super) struct Needs {
    cpu: Size,
    /// Unset where it was not measured.
    pub(super) memory: Option<Size>,
    /// Unset where it was not measured.
    pub(super) network: Option<Size>,
}

impl Needs {
    pub(super) fn of(context: &Context<'_>, machine: &Machine) -> Self {
        let part = |part: &str| {
            let mut all = context.machines.iter();
            let found = all.find(|other| {
                other.name.strip_suffix(part) == Some(&machine.name)
                    && other.days.len() >= LEAST_DAYS
            });
            found.map(|found| size_for(context.policy, &found.days))
        };
        Self {
            cpu: size_for(context.policy, &machine.days),
            memory: part(MEMORY),
            network: part(NETWORK),
        }
    }

    /// Processors for the work and for the network, which grows with them.
    pub(super) fn processors(&self) -> Size {
        self.network
            .map_or(self.cpu, |network| network.max(self.cpu))
    }

    /// How the machine changes. One that is chosen from offers may have fewer processors and the same
    /// memory: it is smaller when any part is and none is larger. Without offers a machine is one size,
    /// which is that of its largest need.
    pub(super) fn size(&self, chosen: bool) -> Size {
        let processors = self.processors();
        let Some(memory) = self.memory else {
            return processors;
        };
        let (less, more) = (processors.min(memory), processors.max(memory));
        if chosen && more <= Size::SAME {
            less
        } else {
            more
        }
    }
}
