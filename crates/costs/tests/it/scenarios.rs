//! The scenarios of the FOCUS specification, by their figures, against sums that were made
//! independently. `tests/data/scenarios.json` has what is charged, when, by which category and
//! commitment; names and descriptions are left out.

use crate::support::Fixture;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::PathBuf;
use tradewind_costs::import::Options;
use tradewind_costs::query::{Metric, Question};

/// Lines kept, lines put aside, billed and effective cost.
const SCENARIOS: [(&str, u64, u64, &str, &str); 26] = [
    ("commitment_discount_purchase_scenario_1", 1, 0, "8760", "0"),
    ("commitment_discount_purchase_scenario_2", 2, 1, "2", "0"),
    ("commitment_discount_purchase_scenario_3", 3, 1, "4381", "0"),
    ("commitment_discount_usage_scenario_1", 1, 0, "0", "1"),
    ("commitment_discount_usage_scenario_2", 1, 0, "0", "1"),
    ("commitment_discount_usage_scenario_3", 2, 0, "0", "1"),
    ("commitment_discount_usage_scenario_4", 2, 0, "0.5", "1.5"),
    (
        "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource",
        3,
        0,
        "2.75",
        "2.75",
    ),
    (
        "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources",
        3,
        0,
        "2",
        "2",
    ),
    (
        "one_hundred_percent_utilization_without_commitment_discount_flexibility",
        2,
        0,
        "1.5",
        "1.5",
    ),
    ("saas_spend_agreements_a1", 4, 0, "1200", "1200"),
    ("saas_spend_agreements_a2", 13, 0, "1200", "1200"),
    ("saas_spend_agreements_b1", 5, 0, "1200", "1200"),
    ("saas_spend_agreements_b2", 14, 0, "1200", "1200"),
    ("simple_saas_agreements_a1", 1, 0, "10000", "10000"),
    ("simple_saas_agreements_a2", 1, 0, "50000", "50000"),
    ("simple_saas_agreements_a3", 1, 0, "1000", "1000"),
    ("simple_saas_agreements_b", 1, 0, "50000", "50000"),
    ("simple_saas_agreements_c", 3, 0, "35800", "35800"),
    ("virtual_currency_pricing_model_a1", 1, 0, "200000", "0"),
    ("virtual_currency_pricing_model_a2", 3, 0, "0", "1230"),
    ("virtual_currency_pricing_model_b1", 1, 0, "100000", "0"),
    ("virtual_currency_pricing_model_b2", 3, 0, "0", "615"),
    ("virtual_currency_pricing_model_b3", 3, 0, "0", "495"),
    ("virtual_currency_pricing_model_c", 2, 0, "53000", "0"),
    (
        "zero_percent_utilization_without_commitment_discount_flexibility",
        3,
        0,
        "3.5",
        "3.5",
    ),
];

/// A scenario as a file of lines with every column that one of them has.
fn file_of(fixture: &Fixture, name: &str) -> PathBuf {
    let all: Map<String, Value> =
        serde_json::from_str(include_str!("../data/scenarios.json")).unwrap();
    let lines = all[name].as_array().unwrap();
    let columns: BTreeSet<&str> = lines
        .iter()
        .flat_map(|line| line.as_object().unwrap().keys().map(String::as_str))
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).unwrap();
    for line in lines {
        let cells = columns
            .iter()
            .map(|column| line[*column].as_str().unwrap_or(""));
        writer.write_record(cells).unwrap();
    }
    fixture.file(&format!("{name}.csv"), writer.into_inner().unwrap())
}

fn dollars() -> Options {
    Options {
        currency: Some("USD".to_owned()),
        ..Options::default()
    }
}

#[test]
fn every_scenario_of_the_specification_adds_up() {
    for (name, lines, aside, billed, effective) in SCENARIOS {
        let fixture = Fixture::new();
        let file = file_of(&fixture, name);
        let report = fixture.import_with(&file, &dollars()).unwrap();
        let outcome = &report.files[0];
        assert_eq!(
            (outcome.lines, outcome.quarantined),
            (lines, aside),
            "{name}"
        );
        assert_eq!(
            fixture.total(),
            format!("{billed}/{effective} USD"),
            "{name}"
        );
    }
}

#[test]
fn commitments_that_are_used_or_wasted_are_spread_over_what_they_cover() {
    // What was paid is what the hours bear, whether the commitment was used or not.
    let full = [
        "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource",
        "one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources",
        "one_hundred_percent_utilization_without_commitment_discount_flexibility",
        "zero_percent_utilization_without_commitment_discount_flexibility",
    ];
    for name in full {
        let fixture = Fixture::new();
        let file = file_of(&fixture, name);
        fixture.import_with(&file, &dollars()).unwrap();
        let question = Question {
            metrics: vec![Metric::Billed, Metric::Effective],
            ..Question::default()
        };
        let totals = fixture.ledger.ask(&question).unwrap().totals;
        assert_eq!(totals[0].values[0], totals[0].values[1], "{name}");
    }
}

/// A month of bills of three clouds, by its figures: `tests/data/sample.json` has a line for each of the
/// specification's sample (FOCUS 1.0, 1,000 lines), words as places in lists; names of accounts,
/// resources and prices are left out.
fn sample(fixture: &Fixture) -> PathBuf {
    let all: Value = serde_json::from_str(include_str!("../data/sample.json")).unwrap();
    let list = |value: &Value| -> Vec<String> {
        let items = value.as_array().unwrap().iter();
        items
            .map(|item| item.as_str().unwrap().to_owned())
            .collect()
    };
    let figures = list(&all["figures"]);
    let words: Vec<(String, Vec<String>)> = all["words"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, known)| (name.clone(), list(known)))
        .collect();
    let periods = [
        "ChargePeriodStart",
        "ChargePeriodEnd",
        "BillingPeriodStart",
        "BillingPeriodEnd",
        "BillingCurrency",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = figures.iter().map(String::as_str);
    let columns = columns.chain(periods);
    let columns = columns.chain(words.iter().map(|(name, _)| name.as_str()));
    writer.write_record(columns).unwrap();
    for line in list(&all["lines"]) {
        let parts: Vec<&str> = line.split(' ').collect();
        let (costs, rest) = parts.split_at(figures.len());
        let [from, to, month, places @ ..] = rest else {
            panic!("{line}")
        };
        let next = match month.split_once('-').unwrap() {
            (year, "12") => format!("{}-01", year.parse::<u32>().unwrap() + 1),
            (year, month) => format!("{year}-{:02}", month.parse::<u32>().unwrap() + 1),
        };
        let mut cells: Vec<String> = costs.iter().map(|cost| (*cost).to_owned()).collect();
        cells.extend([format!("{from}Z"), format!("{to}Z")]);
        cells.extend([
            format!("{month}-01"),
            format!("{next}-01"),
            "USD".to_owned(),
        ]);
        for (place, (_, known)) in places.iter().zip(&words) {
            cells.push(known[place.parse::<usize>().unwrap()].clone());
        }
        writer.write_record(cells).unwrap();
    }
    fixture.file("sample.csv", writer.into_inner().unwrap())
}

#[test]
fn the_sample_of_real_bills_comes_in_whole() {
    let fixture = Fixture::new();
    let file = sample(&fixture);
    let report = fixture.import(&file).unwrap();
    let outcome = &report.files[0];
    assert_eq!((outcome.lines, outcome.quarantined), (1_000, 0));
    assert_eq!(fixture.total(), "20.52022672899/14.97651418586 USD");
    let providers = fixture.by("provider").groups.len();
    assert_eq!(providers, 3);
    // The same content under another name is the same file.
    let copy = fixture.file("copy.csv", std::fs::read(&file).unwrap());
    assert!(fixture.import(&copy).unwrap().files[0].known);
}
