//! The list of Google Cloud machines, where accelerators have rows of their own.
//!
//! A row without a machine type is the price of accelerators alone. Families that are sold only
//! with accelerators (A2, A3, A4, G2) get theirs added; N1 machines are offered bare and with every
//! accelerator that may be attached; slices of TPUs are machines of their own.

mod attach;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Money;
use domain::day::Day;
use domain::offer::{Accelerator, Architecture, Exactness, Machine, Purchase, Source, SourceId};

use super::{Figure, List, Row, Rows, gibibytes, scaled};
use crate::Error;
use crate::facts::Accelerators;
use crate::plausibility::read_figure;

/// The provider's name in configuration and offers.
pub const PROVIDER: &str = "google";

/// Prices of one number of accelerators in one zone: on demand and spot, as written.
type Attached = BTreeMap<(String, u32, String), [String; 2]>;

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
        "vCPUs",
        "MemoryGiB",
        "AcceleratorName",
        "AcceleratorCount",
        "Region",
        "AvailabilityZone",
        "Price",
        "SpotPrice",
    ])?;
    let [kind, vcpus, memory, model, count, region, zone, price, spot] = columns;
    let dollars: Arc<str> = "USD".into();
    let source = into.source(Source {
        name: "google-skus-2026-05".into(),
        note: "Google Cloud list prices, May 2026, from a public machine catalog".into(),
        as_of: Day::new(2026, 5, 20).unwrap_or(Day::from_days(0)),
        exactness: Exactness::Exact,
    })?;
    let committed = into.source(Source {
        name: "google-commitments-2024".into(),
        note: "estimate: list price of May 2026 less the published discount of the family".into(),
        as_of: Day::new(2024, 12, 1).unwrap_or(Day::from_days(0)),
        exactness: Exactness::Estimated,
    })?;
    let mut attached = Attached::new();
    for line in list.lines().filter(|line| line.cell(kind).is_empty()) {
        let count: u32 = line.parse(count, |text| text.parse().ok())?;
        let prices = [line.cell(price).to_owned(), line.cell(spot).to_owned()];
        let (zone, model) = (line.cell(zone), line.cell(model));
        if model.starts_with("tpu-") {
            let machine = attach::slice(model, accelerators)
                .ok_or_else(|| line.refuse(format!("`{model}` is not a TPU slice")))?;
            let place = [line.cell(region), zone];
            into.rows
                .push(row(machine, place, prices, source, &dollars));
            continue;
        }
        attached.insert((model.to_owned(), count, zone.to_owned()), prices);
    }
    for line in list.lines().filter(|line| !line.cell(kind).is_empty()) {
        let bare = Machine {
            provider: PROVIDER.into(),
            name: line.cell(kind).into(),
            vcpus_milli: line.parse(vcpus, |text| scaled(text, 1000))? as u32,
            memory_bytes: line.parse(memory, gibibytes)?,
            architecture: architecture(line.cell(kind)),
            accelerator: None,
        };
        let place = [line.cell(region), line.cell(zone)];
        let host = [line.cell(price), line.cell(spot)];
        if let Some((model, count)) = attach::built_in(&bare.name) {
            let key = (model.to_owned(), count, place[1].to_owned());
            let Some(extra) = attached.get(&key) else {
                continue;
            };
            let prices = add(host, extra);
            let machine = with(&bare, model, count, accelerators);
            into.rows
                .push(row(machine, place, prices, source, &dollars));
            continue;
        }
        if let Some(shape) = attach::Shape::of(&bare) {
            for ((model, count, _), extra) in attached
                .iter()
                .filter(|((_, _, zone), _)| *zone == place[1])
            {
                if shape.takes(model, *count) {
                    let machine = with(&bare, model, *count, accelerators);
                    let prices = add(host, extra);
                    into.rows
                        .push(row(machine, place, prices, source, &dollars));
                }
            }
        }
        let prices = host.map(str::to_owned);
        let mut bare = row(bare, place, prices, source, &dollars);
        commit(&mut bare, committed, &dollars);
        into.rows.push(bare);
    }
    Ok(())
}

/// Adds committed-use prices where the discount is one published figure for the whole family:
/// 37 per cent for one year and 55 for three (cloud.google.com/compute/docs/instances/
/// signing-up-committed-use-discounts), for N1, N2, N2D and E2 without shared cores.
fn commit(row: &mut Row, source: SourceId, dollars: &Arc<str>) {
    let name = &*row.machine.name;
    let general = [
        "n1-",
        "n2-",
        "n2d-",
        "e2-standard",
        "e2-highmem",
        "e2-highcpu",
    ];
    if !general.iter().any(|family| name.starts_with(family)) {
        return;
    }
    let listed = row.figures[Purchase::OnDemand.index()].as_ref();
    let Some(price) = listed.and_then(|figure| amount(&figure.text).ok()) else {
        return;
    };
    for (purchase, percent) in [
        (Purchase::CommittedOneYear, 63),
        (Purchase::CommittedThreeYears, 45),
    ] {
        let micros = price.micros * percent / 100;
        let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        row.figures[purchase.index()] = Figure::dollars(&text, dollars);
        row.sources[purchase.index()] = source;
    }
}

/// Tau T2A, Axion C4A and N4A are the ARM families (cloud.google.com/compute/docs/cpu-platforms).
pub(crate) fn architecture(name: &str) -> Architecture {
    match name.split('-').next() {
        Some("t2a" | "c4a" | "n4a" | "a4x") => Architecture::Arm64,
        _ => Architecture::X86_64,
    }
}

fn with(bare: &Machine, model: &str, count: u32, accelerators: &Accelerators) -> Machine {
    let (model, memory_bytes) = accelerators.canonical(model);
    let accelerator = Some(Accelerator {
        model,
        count_milli: count * 1000,
        memory_bytes,
    });
    Machine {
        accelerator,
        ..bare.clone()
    }
}

/// Sums of host and accelerators. A host price of zero means that the accelerators' price includes
/// it; any other figure that is not a price is passed on, to be judged with the rest.
fn add(host: [&str; 2], extra: &[String; 2]) -> [String; 2] {
    let sum = |host: &str, extra: &str| -> String {
        let (Ok(a), Ok(b)) = (amount(host), amount(extra)) else {
            let odd = if amount(host).is_err() { host } else { extra };
            return odd.to_owned();
        };
        let micros = a.micros + b.micros;
        format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    };
    [sum(host[0], &extra[0]), sum(host[1], &extra[1])]
}

fn amount(text: &str) -> Result<Money, ()> {
    match text.parse::<f64>() {
        Ok(0.0) => Ok(Money::ZERO),
        _ => read_figure(text).map_err(|_| ()),
    }
}

fn row(
    machine: Machine,
    [region, zone]: [&str; 2],
    [price, spot]: [String; 2],
    source: SourceId,
    dollars: &Arc<str>,
) -> Row {
    Row {
        machine,
        region: region.into(),
        zone: zone.into(),
        figures: [
            Figure::dollars(&price, dollars),
            Figure::dollars(&spot, dollars),
            None,
            None,
        ],
        sources: [source; 4],
        interruption_percent: None,
    }
}
