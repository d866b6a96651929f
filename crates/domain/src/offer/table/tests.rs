use super::*;
use crate::day::Day;
use crate::offer::{Accelerator, Architecture, Offer};

fn machine(provider: &str, name: &str, vcpus: u32) -> Machine {
    Machine {
        provider: provider.into(),
        name: name.into(),
        vcpus_milli: vcpus * 1000,
        memory_bytes: u64::from(vcpus) << 32,
        architecture: Architecture::X86_64,
        accelerator: (vcpus > 8).then(|| Accelerator {
            model: "T4".into(),
            count_milli: 500,
            memory_bytes: 16 << 30,
        }),
    }
}

fn source(name: &str, exactness: Exactness) -> Source {
    Source {
        name: name.into(),
        note: "of a test".into(),
        as_of: Day::new(2026, 5, 20).unwrap(),
        exactness,
    }
}

fn offer(machine: &Machine, region: &str, zone: &str, micros: i64, from: SourceId) -> Offer {
    Offer {
        machine: machine.clone(),
        region: region.into(),
        zone: zone.into(),
        prices: [
            Some(Money::micros(micros)),
            (micros > 100).then_some(Money::micros(7)),
            None,
            None,
        ],
        sources: [from; 4],
        interruption_percent: (micros > 100).then_some(5),
    }
}

fn sample() -> OfferTable {
    let mut builder = OfferTable::builder();
    let exact = builder.source(source("list", Exactness::Exact)).unwrap();
    let estimate = builder
        .source(source("scaled", Exactness::Estimated))
        .unwrap();
    assert_eq!(
        builder.source(source("list", Exactness::Exact)).unwrap(),
        exact
    );
    let (big, small) = (machine("a", "big", 16), machine("a", "small", 2));
    let other = machine("b", "small", 2);
    builder.push(offer(&other, "r1", "", 90, exact));
    builder.push(offer(&small, "r2", "z", 100, estimate));
    builder.push(offer(&big, "r1", "y", 1001, exact));
    builder.push(offer(&small, "r1", "z", 200, exact));
    builder.rate(
        big,
        ServiceRate {
            service: "managed".into(),
            per_million: 1_150_000,
            exactness: Exactness::Estimated,
            source: estimate,
        },
    );
    builder.build().unwrap()
}

#[test]
fn rows_are_sorted_whatever_the_order_of_insertion() {
    let table = sample();
    let rows: Vec<String> = table.iter().map(|row| format!("{row:?}")).collect();
    assert_eq!(
        rows,
        ["a big r1 y", "a small r1 z", "a small r2 z", "b small r1 "]
    );
    assert_eq!(table.rows_of(MachineId(1)), 1..3);
    assert_eq!(table.rows_of(MachineId(9)), 0..0);
    assert_eq!(table.regions().len(), 3);
}

#[test]
fn rows_go_in_and_out_unchanged() {
    let table = sample();
    let again = OfferTableBuilder::from_table(&table).build().unwrap();
    assert!(
        table
            .iter()
            .map(OfferRef::to_offer)
            .eq(again.iter().map(OfferRef::to_offer))
    );
    assert_eq!(
        again.service_rates(MachineId(0)),
        table.service_rates(MachineId(0))
    );
}

#[test]
fn a_price_says_whether_it_is_estimated() {
    let table = sample();
    let exact = table.price(0, Purchase::OnDemand).unwrap();
    assert_eq!(
        (exact.per_hour.micros, exact.exactness),
        (1001, Exactness::Exact)
    );
    assert_eq!(
        table.price(2, Purchase::OnDemand).unwrap().exactness,
        Exactness::Estimated
    );
    assert_eq!(table.price(2, Purchase::Spot), None);
    assert_eq!(table.price(99, Purchase::Spot), None);
}

#[test]
fn a_managed_service_adds_its_rate_where_it_can_use_the_machine() {
    let table = sample();
    let managed = table.price_at(0, "managed", Purchase::OnDemand).unwrap();
    assert_eq!(
        (managed.per_hour.micros, managed.exactness),
        (1151, Exactness::Estimated)
    );
    assert_eq!(table.price_at(1, "managed", Purchase::OnDemand), None);
    assert_eq!(
        table
            .price_at(1, RAW_MACHINE, Purchase::OnDemand)
            .unwrap()
            .per_hour
            .micros,
        200
    );
}

#[test]
fn two_prices_for_one_place_are_refused() {
    let mut builder = OfferTable::builder();
    let from = builder.source(source("list", Exactness::Exact)).unwrap();
    let small = machine("a", "small", 2);
    builder.push(offer(&small, "r", "z", 1, from));
    builder.push(offer(&small, "r", "z", 2, from));
    assert_eq!(builder.build().unwrap_err(), TableError::Order { row: 1 });
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let table = sample();
    let mut short = table.columns().clone();
    short.zone.pop();
    assert!(matches!(
        OfferTable::from_columns(short),
        Err(TableError::Length {
            column: "zone",
            found: 3,
            expected: 4
        })
    ));
    let mut astray = table.columns().clone();
    astray.region[2] = 40;
    assert!(matches!(
        OfferTable::from_columns(astray),
        Err(TableError::Dangling {
            column: "region",
            row: 2,
            index: 40
        })
    ));
    let mut unsorted = table.columns().clone();
    unsorted.machine.swap(0, 3);
    assert!(matches!(
        OfferTable::from_columns(unsorted),
        Err(TableError::Order { .. })
    ));
}

#[test]
fn part_of_a_device_has_part_of_its_memory() {
    let table = sample();
    let accelerator = table.machines()[0].accelerator.as_ref().unwrap();
    assert_eq!(accelerator.total_memory_bytes(), 8 << 30);
}
