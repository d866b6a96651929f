//! How much memory a process takes and the machine has, as the kernel counts it (proc(5)).

use std::fs::read_to_string;

/// A process's share of memory in bytes, in which pages that forks have in common count once; none
/// when it is gone.
pub(crate) fn share(process: u32) -> Option<u64> {
    let rollup = read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    bytes(&rollup, "Pss:")
}

/// The bytes that would be free if a process ended: pages that no other process has, and the tables of
/// its pages; none when it is gone.
pub(crate) fn own(process: u32) -> Option<u64> {
    let rollup = read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let status = read_to_string(format!("/proc/{process}/status")).ok()?;
    let pages = bytes(&rollup, "Private_Clean:")? + bytes(&rollup, "Private_Dirty:")?;
    Some(pages + bytes(&status, "VmPTE:")?)
}

/// The memory of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Machine {
    /// All of it, in bytes.
    pub(crate) total: u64,
    /// What new processes could have, in bytes.
    pub(crate) available: u64,
}

/// The memory of this machine at this moment; none where the kernel does not say.
pub(crate) fn machine() -> Option<Machine> {
    let text = read_to_string("/proc/meminfo").ok()?;
    Some(Machine {
        total: bytes(&text, "MemTotal:")?,
        available: bytes(&text, "MemAvailable:")?,
    })
}

/// The value of a line such as `Pss:   12 kB`, in bytes.
fn bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_a_size_and_one_that_is_gone_has_none() {
        let this = std::process::id();
        assert!(share(this).is_some_and(|bytes| bytes > 1 << 20));
        assert!(own(this).is_some_and(|bytes| bytes > 1 << 16));
        assert_eq!(share(u32::MAX / 2), None);
        assert_eq!(own(u32::MAX / 2), None);
        assert!(machine().is_some_and(|machine| machine.available < machine.total));
    }
}
