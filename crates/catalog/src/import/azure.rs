//! The list of Azure virtual machines with prices by region.

use std::sync::Arc;

use domain::day::Day;
use domain::offer::{Accelerator, Architecture, Exactness, Machine, Source};

use super::{Figure, List, Row, Rows, gibibytes, scaled};
use crate::Error;
use crate::facts::Accelerators;

/// The provider's name in configuration and offers.
pub const PROVIDER: &str = "azure";

/// Reads the list.
pub fn read(
    name: &str,
    bytes: &[u8],
    accelerators: &Accelerators,
    into: &mut Rows,
) -> Result<(), Error> {
    let list = List::read(name, bytes)?;
    let columns = list.columns([
        "InstanceType",
        "AcceleratorName",
        "AcceleratorCount",
        "vCPUs",
        "MemoryGiB",
        "Price",
        "SpotPrice",
        "Region",
    ])?;
    let [kind, model, count, vcpus, memory, price, spot, region] = columns;
    let dollars: Arc<str> = "USD".into();
    let source = into.source(Source {
        name: "azure-retail-2026-05".into(),
        note: "Azure retail prices of Linux machines, May 2026, from a public machine catalog"
            .into(),
        as_of: Day::new(2026, 5, 20).unwrap_or(Day::from_days(0)),
        exactness: Exactness::Exact,
    })?;
    for line in list.lines() {
        let machine_name = line.cell(kind);
        let accelerator = if line.cell(count).is_empty() {
            None
        } else {
            let count_milli = line.parse(count, |text| scaled(text, 1000))? as u32;
            Some(board(
                machine_name,
                line.cell(model),
                count_milli,
                accelerators,
            ))
        };
        let machine = Machine {
            provider: PROVIDER.into(),
            name: machine_name.into(),
            vcpus_milli: line.parse(vcpus, |text| scaled(text, 1000))? as u32,
            memory_bytes: line.parse(memory, gibibytes)?,
            architecture: architecture(machine_name),
            accelerator,
        };
        into.rows.push(Row {
            machine,
            region: line.cell(region).into(),
            zone: "".into(),
            figures: [
                Figure::dollars(line.cell(price), &dollars),
                Figure::dollars(line.cell(spot), &dollars),
                None,
                None,
            ],
            sources: [source; 4],
            interruption_percent: None,
        });
    }
    Ok(())
}

/// Azure writes the feature `p` after the size of machines with ARM processors
/// (learn.microsoft.com, "Azure virtual machine size naming conventions").
pub(crate) fn architecture(name: &str) -> Architecture {
    let size = name.split('_').nth(1).unwrap_or_default();
    let features = size.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let features = features.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
    if features.contains('p') {
        Architecture::Arm64
    } else {
        Architecture::X86_64
    }
}

fn board(machine: &str, model: &str, count_milli: u32, accelerators: &Accelerators) -> Accelerator {
    // The NP series carries Alveo U250 boards, which the list counts without naming them.
    let unnamed = model.is_empty() && machine.starts_with("Standard_NP");
    let (model, memory_bytes) = accelerators.canonical(if unnamed { "U250" } else { model });
    // NC and NCC machines of the fifth version have the 94 GB board, H100 NVL.
    let wide = &*model == "H100" && machine.starts_with("Standard_NC");
    let memory_bytes = if wide { 94 << 30 } else { memory_bytes };
    Accelerator {
        model,
        count_milli,
        memory_bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_feature_p_is_an_arm_processor() {
        for (name, expected) in [
            ("Standard_D16pds_v5", Architecture::Arm64),
            ("Standard_B2pts_v2", Architecture::Arm64),
            ("Standard_NP10s", Architecture::X86_64),
            ("Standard_E8-4s_v3", Architecture::X86_64),
            ("Standard_DS5_v2_Promo", Architecture::X86_64),
        ] {
            assert_eq!(architecture(name), expected, "{name}");
        }
    }
}
