//! Limits on memory, CPUs and processes: by control groups where the machine gives them (version 1
//! and 2, and both at once), else by watching.

mod groups;
mod mounts;
mod version_one;
mod version_two;

pub(crate) use groups::Groups;
pub(super) use groups::{clear, existing, sweep};

/// What of a job's limits a kind of control group can enforce.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Bytes of memory.
    pub(crate) memory: Option<u64>,
    /// Thousandths of a CPU.
    pub(crate) milli_cpus: Option<u32>,
    /// Processes and threads.
    pub(crate) processes: Option<u32>,
}

impl Wanted {
    fn is_empty(self) -> bool {
        self == Self::default()
    }
}
