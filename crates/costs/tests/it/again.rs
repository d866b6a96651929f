//! Files that were replaced, withdrawn and come again.

use crate::support::{Fixture, focus, groups};
use std::path::PathBuf;
use tradewind_costs::import::{Mode, Options, withdraw};

/// A dollar on each day of March and April, and two lines that take April's place.
fn two_months(fixture: &Fixture) -> (PathBuf, PathBuf) {
    let mut both = focus(&[]);
    for (month, days) in [(3, 31), (4, 30)] {
        for day in 1..=days {
            both.push_str(&line(month, day));
        }
    }
    let april = [focus(&[]), line(4, 1), line(4, 30)].concat();
    (fixture.file("x.csv", both), fixture.file("y.csv", april))
}

fn line(month: u32, day: u32) -> String {
    format!("1,1,1,1,1234,USD,,,2026-{month:02}-{day:02}T00:00:00Z,,Usage,AWS,S3,us-east-1,\n")
}

fn replace() -> Options {
    Options {
        mode: Mode::Replace,
        ..Options::default()
    }
}

#[test]
fn days_within_a_month_that_would_be_lost_are_asked_about() {
    let fixture = Fixture::new();
    let (both, april) = two_months(&fixture);
    fixture.import(&both).unwrap();
    let error = fixture.import(&april).unwrap_err().to_string();
    assert!(
        error.contains("lacks 28 of these days, 2026-04-02 the first"),
        "{error}"
    );
    assert_eq!(fixture.total(), "61/61 USD");
}

#[test]
fn months_whose_correction_was_withdrawn_come_again() {
    let fixture = Fixture::new();
    let (both, april) = two_months(&fixture);
    fixture.import(&both).unwrap();
    fixture.import_with(&april, &replace()).unwrap();
    assert_eq!(fixture.total(), "33/33 USD");

    // What a correction has replaced does not come back by itself, in whichever order.
    for file in [&both, &april, &both] {
        let report = fixture.import(file).unwrap();
        assert!(report.files[0].known && report.months.is_empty());
    }
    let report = fixture.import(&both).unwrap();
    let why = &report.files[0].notes[0];
    assert!(
        why.contains("2026-04") && why.contains("--replace"),
        "{why}"
    );

    let gone = withdraw(&fixture.ledger, "y.csv").unwrap();
    assert_eq!(groups(&fixture.by("month")), ["2026-03 = 31"]);
    let manifest = fixture.ledger.manifest().unwrap();
    let before = manifest.had(&gone[0].issuer, gone[0].month, &gone[0].from);
    assert_eq!(before.map(|one| one.name.as_str()), Some("x.csv"));

    let report = fixture.import(&both).unwrap();
    assert_eq!((report.files[0].known, report.files[0].lines), (false, 30));
    assert_eq!(fixture.total(), "61/61 USD");
    assert!(fixture.import(&both).unwrap().files[0].known);

    // And with `--replace` the older one takes the newer one's place.
    fixture.import_with(&april, &replace()).unwrap();
    fixture.import_with(&both, &replace()).unwrap();
    assert_eq!(fixture.total(), "61/61 USD");
    withdraw(&fixture.ledger, "x.csv").unwrap();
    assert_eq!(fixture.total(), "");
    fixture.import(&both).unwrap();
    assert_eq!(fixture.total(), "61/61 USD");
}

#[test]
fn files_of_one_delivery_that_share_no_month_are_withdrawn_apart() {
    let fixture = Fixture::new();
    let march = fixture.file("march.csv", [focus(&[]), line(3, 1)].concat());
    let april = fixture.file("april.csv", [focus(&[]), line(4, 1), line(4, 2)].concat());
    let files = [march, april];
    let world = crate::support::world();
    let import = tradewind_costs::import::import;
    import(&fixture.ledger, &files, &Options::default(), &world).unwrap();
    withdraw(&fixture.ledger, "april.csv").unwrap();
    assert_eq!(groups(&fixture.by("month")), ["2026-03 = 1"]);
}

#[test]
fn a_year_that_cannot_be_is_put_aside() {
    let fixture = Fixture::new();
    let mut bill = focus(&[]);
    for day in 1..=20 {
        bill.push_str(&line(6, day));
    }
    for year in ["0001", "1999", "2062", "9999"] {
        bill.push_str(&line(6, 21).replace("2026-", &format!("{year}-")));
    }
    let report = fixture.import(&fixture.file("june.csv", bill)).unwrap();
    assert_eq!(
        (report.files[0].lines, report.files[0].quarantined),
        (20, 4)
    );
    let why = &report.files[0].examples[0];
    assert!(
        why.contains("ChargePeriodStart") && why.contains("before 2000"),
        "{why}"
    );
    assert_eq!(fixture.total(), "20/20 USD");
}
