//! The list of Amazon EC2 machines with prices by region, as rebuilt from public lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::day::Day;
use domain::offer::{Accelerator, Architecture, Exactness, Machine, Source, SourceId};

use super::{Figure, List, Row, Rows, gibibytes, scaled};
use crate::Error;
use crate::facts::Accelerators;

/// The provider's name in configuration and offers.
pub const PROVIDER: &str = "aws";

/// Key in the list, note, day, exactness.
type Origin = (&'static str, &'static str, (i32, u32, u32), Exactness);

/// What is known about the groups of figures.
const SOURCES: [Origin; 5] = [
    (
        "vantage-2024-04",
        "EC2 on-demand list prices of April 2024, from a public comparison of instance types",
        (2024, 4, 1),
        Exactness::Exact,
    ),
    (
        "vantage-2024-04*cut",
        "EC2 list prices of April 2024 less the cut announced for GPU machines in June 2025",
        (2025, 6, 1),
        Exactness::Estimated,
    ),
    (
        "karpenter-2026-07",
        "EC2 on-demand list prices of us-east-1, July 2026, from a public price table",
        (2026, 7, 1),
        Exactness::Exact,
    ),
    (
        "scaled",
        "estimate: the us-east-1 price of July 2026 times the region's usual ratio to us-east-1",
        (2026, 7, 1),
        Exactness::Estimated,
    ),
    (
        "advisor-2025-07",
        "estimate: on-demand price less the saving that the Spot advisor showed in July 2025",
        (2025, 7, 1),
        Exactness::Estimated,
    ),
];

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
        "AvailabilityZone",
        "Arch",
        "Provenance",
        "SpotProvenance",
        "InterruptMaxPct",
    ])?;
    let [
        kind,
        model,
        count,
        vcpus,
        memory,
        price,
        spot,
        region,
        _zone,
        arch,
        from,
        spot_from,
        band,
    ] = columns;
    let dollars: Arc<str> = "USD".into();
    let mut sources: BTreeMap<&str, SourceId> = BTreeMap::new();
    for (key, note, (year, month, day), exactness) in SOURCES {
        let as_of = Day::new(year, month, day).unwrap_or(Day::from_days(0));
        let source = Source {
            name: key.into(),
            note: note.into(),
            as_of,
            exactness,
        };
        sources.insert(key, into.source(source)?);
    }
    for line in list.lines() {
        let accelerator = match line.cell(model) {
            "" => None,
            name => {
                let (model, memory_bytes) = accelerators.canonical(name);
                let count_milli = line.parse(count, |text| scaled(text, 1000))? as u32;
                Some(Accelerator {
                    model,
                    count_milli,
                    memory_bytes,
                })
            }
        };
        let architecture = line.parse(arch, |text| match text {
            "x86_64" => Some(Architecture::X86_64),
            "arm64" => Some(Architecture::Arm64),
            _ => None,
        })?;
        let machine = Machine {
            provider: PROVIDER.into(),
            name: line.cell(kind).into(),
            vcpus_milli: line.parse(vcpus, |text| scaled(text, 1000))? as u32,
            memory_bytes: line.parse(memory, gibibytes)?,
            architecture,
            accelerator,
        };
        let on_demand = line.parse(from, |text| sources.get(text).copied())?;
        let spot_price = Figure::dollars(line.cell(spot), &dollars);
        let spot_source = match line.cell(spot_from) {
            "" => on_demand,
            _ => line.parse(spot_from, |text| sources.get(text).copied())?,
        };
        let interruption_percent = match line.cell(band) {
            "" => None,
            _ => Some(line.parse(band, |text| text.parse().ok().filter(|it| *it <= 100_u8))?),
        };
        into.rows.push(Row {
            machine,
            region: line.cell(region).into(),
            // The list carries one made-up zone per region; its prices hold for the region.
            zone: "".into(),
            figures: [
                Figure::dollars(line.cell(price), &dollars),
                spot_price,
                None,
                None,
            ],
            sources: [on_demand, spot_source, on_demand, on_demand],
            interruption_percent,
        });
    }
    Ok(())
}
