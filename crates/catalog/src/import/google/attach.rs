//! Which accelerators come with, or may be attached to, which Google machines.
//!
//! Source: cloud.google.com/compute/docs/gpus and cloud.google.com/tpu/docs, read in 2025.

use domain::offer::{Accelerator, Architecture, Machine};

use super::PROVIDER;
use crate::facts::Accelerators;

/// Model and number of the accelerators that a machine type always has; `None` when it has none.
pub(super) fn built_in(name: &str) -> Option<(&'static str, u32)> {
    let count = |prefix: &str| -> Option<u32> {
        let size = name.strip_prefix(prefix)?;
        size.trim_end_matches("-nolssd")
            .strip_suffix('g')?
            .parse()
            .ok()
    };
    for (prefix, model) in [
        ("a2-highgpu-", "A100"),
        ("a2-megagpu-", "A100"),
        ("a2-ultragpu-", "A100-80GB"),
        ("a3-highgpu-", "H100"),
        ("a3-edgegpu-", "H100"),
        ("a3-megagpu-", "H100-MEGA"),
        ("a3-ultragpu-", "H200"),
        ("a4-highgpu-", "B200"),
    ] {
        if let Some(count) = count(prefix) {
            return Some((model, count));
        }
    }
    let vcpus: u32 = name.strip_prefix("g2-standard-")?.parse().ok()?;
    let count = match vcpus {
        24 => 2,
        48 => 4,
        96 => 8,
        _ => 1,
    };
    Some(("L4", count))
}

/// Size of an N1 machine, which decides what may be attached.
pub(super) struct Shape {
    vcpus: u32,
    gibibytes: u64,
}

impl Shape {
    /// Of an N1 machine; other families take no attachments, shared-core ones neither.
    pub(super) fn of(machine: &Machine) -> Option<Self> {
        if !machine.name.starts_with("n1-") {
            return None;
        }
        let gibibytes = machine.memory_bytes.div_ceil(1 << 30);
        Some(Self {
            vcpus: machine.vcpus_milli / 1000,
            gibibytes,
        })
    }

    /// Whether that number of boards may be attached: each number has a largest machine.
    pub(super) fn takes(&self, model: &str, count: u32) -> bool {
        let (vcpus, gibibytes) = match (model, count) {
            ("V100", 1) => (12, 78),
            ("P100", 1) => (16, 104),
            ("P4", 1) | ("V100", 2) => (24, 156),
            ("P100", 2) => (32, 208),
            ("T4", 1 | 2) | ("P4", 2) | ("V100", 4) => (48, 312),
            ("P100", 4) => (64, 208),
            ("T4" | "P4", 4) | ("V100", 8) => (96, 624),
            _ => return false,
        };
        self.vcpus <= vcpus && self.gibibytes <= gibibytes
    }
}

/// The machine that a slice of TPUs is, such as `tpu-v5litepod-8`.
///
/// The number in the name counts cores for v2, v3, v4 and v5p (two on a chip) and chips for the
/// others. Host processors and memory are those of the TPU virtual machines of each generation.
pub(super) fn slice(name: &str, accelerators: &Accelerators) -> Option<Machine> {
    let (generation, number) = name.strip_prefix("tpu-")?.rsplit_once('-')?;
    let number: u32 = number
        .parse()
        .ok()
        .filter(|it| (1..=100_000).contains(it))?;
    let (model, cores_per_chip) = match generation {
        "v2" => ("TPU-V2", 2),
        "v3" => ("TPU-V3", 2),
        "v4" => ("TPU-V4", 2),
        "v5litepod" => ("TPU-V5E", 1),
        "v5p" => ("TPU-V5P", 2),
        "v6e" => ("TPU-V6E", 1),
        _ => return None,
    };
    let chips = number.div_ceil(cores_per_chip);
    // Chips on a host, virtual processors and gibibytes of a host.
    let (per_host, vcpus, gibibytes) = match (model, chips) {
        ("TPU-V2", _) => (4, 96, 334),
        ("TPU-V3", _) => (4, 96, 340),
        ("TPU-V4", _) => (4, 240, 407),
        ("TPU-V5E", 1) => (1, 24, 48),
        ("TPU-V5E", 8) => (8, 224, 384),
        ("TPU-V5E", _) => (4, 112, 192),
        ("TPU-V5P", _) => (4, 208, 448),
        ("TPU-V6E", 1) => (1, 44, 176),
        ("TPU-V6E", 8) => (8, 180, 1440),
        _ => (4, 180, 720),
    };
    let hosts = chips.div_ceil(per_host);
    let (model, memory_bytes) = accelerators.canonical(model);
    Some(Machine {
        provider: PROVIDER.into(),
        name: name.into(),
        vcpus_milli: hosts * vcpus * 1000,
        memory_bytes: (u64::from(hosts) * gibibytes) << 30,
        architecture: Architecture::X86_64,
        accelerator: Some(Accelerator {
            model,
            count_milli: chips * 1000,
            memory_bytes,
        }),
    })
}
