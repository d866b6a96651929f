//! What this machine has, read once.

use domain::ByteSize;
use std::fs;
use std::num::NonZero;

/// What this machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MachineFacts {
    /// CPUs that this process may use.
    pub cpus: u32,
    /// Main memory.
    pub memory: ByteSize,
    /// NVIDIA accelerators whose driver is loaded.
    pub accelerators: u32,
}

impl MachineFacts {
    /// Of the machine that this runs on.
    pub fn read() -> Self {
        let cpus = std::thread::available_parallelism().map_or(1, NonZero::get);
        let accelerators =
            fs::read_dir("/proc/driver/nvidia/gpus").map_or(0, |entries| entries.flatten().count());
        Self {
            cpus: u32::try_from(cpus).unwrap_or(1),
            memory: ByteSize(memory().unwrap_or(0)),
            accelerators: u32::try_from(accelerators).unwrap_or(0),
        }
    }
}

fn memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_something() {
        let facts = MachineFacts::read();
        assert!(facts.cpus >= 1);
        assert!(facts.memory > ByteSize::mebibytes(64));
    }
}
