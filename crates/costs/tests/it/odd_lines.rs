//! Lines that are right and odd, and one that is longer than any memory.

use crate::support::{Fixture, focus, groups, world};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tradewind_costs::Ledger;
use tradewind_costs::import::{Options, import};

const FOLDER: &str = "TRADEWIND_TEST_LONG_LEDGER";
const FILE: &str = "TRADEWIND_TEST_LONG_BILL";
/// Most memory that the process may ever have had, in KiB.
const MOST_MEMORY: u64 = 256 << 10;

/// Not a test of its own: what the process does whose memory is looked at.
#[test]
fn a_long_line_in_a_process_of_its_own() {
    let (Ok(folder), Ok(file)) = (std::env::var(FOLDER), std::env::var(FILE)) else {
        return;
    };
    let ledger = Ledger::open(&PathBuf::from(folder)).unwrap();
    let options = Options::default();
    let error = import(&ledger, &[PathBuf::from(file)], &options, &world()).unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    assert!(peak < MOST_MEMORY, "{peak} KiB");
}

/// Ten gibibytes behind a beginning, without an end of line: the same gzip member 10,240 times.
fn ten_gib(path: &Path, begins: &[u8]) {
    let packed = |bytes: &[u8]| {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gz.write_all(bytes).unwrap();
        gz.finish().unwrap()
    };
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(&packed(begins)).unwrap();
    let member = packed(&vec![b'x'; 1 << 20]);
    file.write_all(&member.repeat(10_240)).unwrap();
}

#[test]
fn a_line_of_ten_gib_is_refused_with_little_memory() {
    let fixture = Fixture::new();
    let json = br#"{"billing_account_id":"a","cost":1,"x":""#.to_vec();
    for (name, begins) in [
        ("long.csv.gz", focus(&[("S3", 1, "1", "")]).into_bytes()),
        ("quoted.csv.gz", [focus(&[]).as_bytes(), b"\""].concat()),
        ("long.json.gz", json),
    ] {
        let file = fixture.folder.path().join(name);
        ten_gib(&file, &begins);
        let own = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "odd_lines::a_long_line_in_a_process_of_its_own"])
            .env(FOLDER, fixture.ledger.folder())
            .env(FILE, &file)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&own.stdout).into_owned();
        assert!(own.status.success(), "{name}: {told}");
        assert!(told.contains("1 passed"), "{name}: {told}");
    }
    assert_eq!(fixture.ledger.manifest().unwrap().generation, 0);
    assert_eq!(fixture.segments(), 0);
}

#[test]
fn instants_with_a_zone_are_days_and_months_of_utc() {
    let fixture = Fixture::new();
    let csv = "BilledCost,BillingCurrency,BillingPeriodStart,ChargePeriodStart,ServiceName\n\
               1,USD,2026-06-01,2026-06-01T01:30:00+02:00,early\n\
               2,USD,2026-06-01,2026-06-30T23:30:00-01:00,late\n\
               4,USD,2026-06-01,2026-06-15 12:00:00 UTC,noon\n\
               8,USD,2026-06-01,2026-06-15,day\n";
    fixture.import(&fixture.file("zones.csv", csv)).unwrap();
    assert_eq!(
        groups(&fixture.by("service,day")),
        [
            "day, 2026-06-15 = 8",
            "noon, 2026-06-15 = 4",
            "late, 2026-07-01 = 2",
            "early, 2026-05-31 = 1"
        ]
    );
    // The bill's month is what the bill says it is.
    assert_eq!(groups(&fixture.by("billing-month")), ["2026-06 = 15"]);
}

#[test]
fn credits_refunds_and_lines_of_nothing_count_as_what_they_are() {
    let fixture = Fixture::new();
    let csv = "BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,ChargeCategory,ServiceName,\
               ConsumedQuantity,ConsumedUnit\n\
               10,10,USD,2026-06-01,Usage,EC2,4,Hours\n\
               -3.5,-3.5,USD,2026-06-02,Credit,EC2,,\n\
               -0.000000000000000001,0,USD,2026-06-02,Adjustment,EC2,,\n\
               0,0,USD,2026-06-03,Usage,EC2,0,Hours\n\
               0,2,USD,2026-06-03,Usage,S3,0,GB\n";
    let report = fixture.import(&fixture.file("odd.csv", csv)).unwrap();
    assert_eq!((report.files[0].lines, report.files[0].quarantined), (5, 0));
    assert_eq!(fixture.total(), "6.499999999999999999/8.5 USD");
    let by = groups(&fixture.by("charge"));
    assert!(by.contains(&"Credit = -3.5".to_owned()), "{by:?}");
    // A rate of nothing used is none, not a division by zero.
    let unit = tradewind_costs::query::unit_cost(
        &fixture.ledger,
        &tradewind_costs::query::Question::default(),
        &tradewind_costs::query::Per::Consumed("1".parse().unwrap()),
    );
    assert!(unit.is_ok(), "{unit:?}");
}

#[test]
fn tags_may_have_any_characters() {
    let fixture = Fixture::new();
    let odd = [
        "a,b;c|d=e",
        "quote\\\"inside",
        "line\\nend",
        "ключ 日本 🚢",
        "' OR 1=1 --",
        "../../etc/passwd",
        "\\u0001\\u001f",
        " leading and trailing ",
    ];
    let tags: Vec<String> = odd
        .iter()
        .map(|value| format!(r#"{{"team":"{value}","k {value}":"x"}}"#))
        .collect();
    let lines: Vec<_> = tags
        .iter()
        .map(|tags| ("S3", 1, "1", tags.as_str()))
        .collect();
    let report = fixture
        .import(&fixture.file("tags.csv", focus(&lines)))
        .unwrap();
    assert_eq!(report.files[0].quarantined, 0, "{:?}", report.files[0]);
    let answer = fixture.by("tag:team");
    let mut seen: Vec<String> = answer
        .groups
        .iter()
        .filter_map(|group| group.keys[0].clone())
        .collect();
    let mut meant: Vec<String> = odd
        .iter()
        .map(|value| serde_json::from_str(&format!("\"{value}\"")).unwrap())
        .collect();
    seen.sort();
    meant.sort();
    assert_eq!(seen, meant);
    // Out and in again they are the same.
    let mut bytes = Vec::new();
    tradewind_costs::export::export(
        &fixture.ledger,
        tradewind_costs::export::Format::Csv,
        None,
        None,
        &mut bytes,
    )
    .unwrap();
    let other = Fixture::new();
    other.import(&other.file("again.csv", bytes)).unwrap();
    assert_eq!(other.by("tag:team"), answer);
}

#[test]
fn a_currency_is_three_capital_letters() {
    let fixture = Fixture::new();
    let mut bill = focus(&[]);
    let good = focus(&[("S3", 1, "1", ""); 15]);
    bill.push_str(good.split_once('\n').unwrap().1);
    for code in ["usd", "DOLLAR", "$$$", "US"] {
        let odd = focus(&[("S3", 2, "1", "")]).replace("USD", code);
        bill.push_str(odd.split_once('\n').unwrap().1);
    }
    let report = fixture.import(&fixture.file("june.csv", bill)).unwrap();
    assert_eq!(
        (report.files[0].lines, report.files[0].quarantined),
        (15, 4)
    );
    let why = &report.files[0].examples[0];
    assert!(
        why.contains("BillingCurrency") && why.contains("`usd`"),
        "{why}"
    );
    assert_eq!(fixture.total(), "15/15 USD");
    let options = tradewind_costs::import::Options {
        currency: Some("usd".to_owned()),
        ..Default::default()
    };
    let file = fixture.file("other.csv", focus(&[("S3", 3, "1", "")]));
    let error = fixture.import_with(&file, &options).unwrap_err();
    assert!(error.to_string().contains("`usd`"), "{error}");
}

#[test]
fn the_provider_of_newer_bills_is_found_under_its_newer_name() {
    let fixture = Fixture::new();
    let bill = focus(&[("S3", 1, "1", "")]).replace("ProviderName", "ServiceProviderName");
    fixture.import(&fixture.file("june.csv", bill)).unwrap();
    assert_eq!(groups(&fixture.by("provider")), ["AWS = 1"]);
}
