//! Refreshes from AWS price files, whole and broken, and what they leave on disk.

use std::fs;

use domain::offer::{Exactness, Purchase};
use tempfile::TempDir;
use tradewind_catalog::{Catalog, Error};

use crate::server::{Answer, Server};
use crate::support::{offer, only_aws, price, run};
use crate::vendors::{AWS_FILE, aws_csv, aws_line, serve_aws};

fn frankfurt() -> String {
    aws_csv(&[
        aws_line("m5.xlarge", "0.2400000000", ("OnDemand", ""), "Linux"),
        aws_line("m5.xlarge", "0.1500000000", ("Reserved", "1yr"), "Linux"),
        aws_line("m5.xlarge", "0.4240000000", ("OnDemand", ""), "Windows"),
        aws_line("m99.xlarge", "0.2300000000", ("OnDemand", ""), "Linux"),
        aws_line("p99.xlarge", "9.0000000000", ("OnDemand", ""), "Linux"),
        aws_line("c5.xlarge", "-1.0", ("OnDemand", ""), "Linux"),
    ])
}

#[tokio::test]
async fn aws_prices_are_taken_over_with_their_day() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    serve_aws(&server, Answer::of(frankfurt()));
    let before = Catalog::embedded().unwrap();
    let report = run(&only_aws(&server), data.path()).await;
    let merged = report.vendors[0].outcome.as_ref().unwrap();
    assert_eq!((merged.changed, merged.added), (2, 1), "{merged:?}");
    assert_eq!(merged.skipped, ["p99.xlarge"]);
    let catalog = Catalog::open(data.path()).unwrap();
    assert_eq!(Some(catalog.hash()), report.installed.as_deref());
    let on_demand = offer(&catalog, "m5.xlarge", "eu-central-1")
        .price(Purchase::OnDemand)
        .unwrap();
    assert_eq!(on_demand.per_hour.micros, 240_000);
    assert_eq!(on_demand.exactness, Exactness::Exact);
    let source = catalog.offers().source(on_demand.source).unwrap();
    assert_eq!(source.as_of.to_string(), "2026-11-20");
    let committed = price(
        &catalog,
        "m5.xlarge",
        "eu-central-1",
        Purchase::CommittedOneYear,
    );
    assert_eq!(committed, Some(150_000));
    assert_eq!(
        price(&catalog, "m99.xlarge", "eu-central-1", Purchase::OnDemand),
        Some(230_000)
    );
    // The list has no spot prices: the saving is carried over to the new price.
    let spot = |of: &Catalog| price(of, "m5.xlarge", "eu-central-1", Purchase::Spot).unwrap();
    let old = price(&before, "m5.xlarge", "eu-central-1", Purchase::OnDemand).unwrap();
    assert!((spot(&catalog) - spot(&before) * 240_000 / old).abs() <= 1);
    // The negative price is set aside, and nothing else in the region changed.
    assert!(catalog.quarantined().iter().any(|it| {
        it.machine == "c5.xlarge" && it.reason == "it is negative" && it.region == "eu-central-1"
    }));
    let same = |of: &Catalog| price(of, "c5.2xlarge", "eu-central-1", Purchase::OnDemand);
    assert_eq!(same(&catalog), same(&before));
}

#[tokio::test]
async fn a_download_that_breaks_off_is_continued() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    serve_aws(
        &server,
        Answer {
            breaks: Some((700, 2)),
            ..Answer::of(frankfurt())
        },
    );
    let report = run(&only_aws(&server), data.path()).await;
    assert!(report.installed.is_some(), "{report:?}");
    let ranges: Vec<Option<String>> = server
        .seen()
        .into_iter()
        .filter(|it| it.path == AWS_FILE)
        .map(|it| it.range)
        .collect();
    assert_eq!(
        ranges,
        [
            None,
            Some("bytes=700-".to_owned()),
            Some("bytes=1400-".to_owned())
        ]
    );
    let catalog = Catalog::open(data.path()).unwrap();
    assert_eq!(
        price(&catalog, "m5.xlarge", "eu-central-1", Purchase::OnDemand),
        Some(240_000)
    );
}

#[tokio::test]
async fn a_later_refresh_continues_and_a_changed_file_begins_anew() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    serve_aws(
        &server,
        Answer {
            breaks: Some((300, 3)),
            ..Answer::of(frankfurt())
        },
    );
    let report = run(&only_aws(&server), data.path()).await;
    let error = report.vendors[0].outcome.as_ref().unwrap_err();
    assert!(matches!(error, Error::Broken { .. }), "{error}");
    assert!(report.installed.is_none());
    let changed = frankfurt().replace("0.2400000000", "0.2500000000");
    let answer = Answer {
        entity_tag: Some("\"v2\"".to_owned()),
        ..Answer::of(changed)
    };
    server.answer(AWS_FILE, answer);
    run(&only_aws(&server), data.path()).await;
    let catalog = Catalog::open(data.path()).unwrap();
    assert_eq!(
        price(&catalog, "m5.xlarge", "eu-central-1", Purchase::OnDemand),
        Some(250_000)
    );
}

#[tokio::test]
async fn broken_price_files_are_refused_with_their_line() {
    let truncated = frankfurt();
    let truncated = truncated[..truncated.len() - 40].to_owned();
    let swapped = frankfurt().replace("\"PricePerUnit\"", "\"Price\"");
    let other = frankfurt().replace("\"v1.0\"", "\"v9\"");
    let unreadable = frankfurt().replace("\"Linux\",\"NA\",\"Used\",\"eu-central-1\"\n\"X\",\"JRTCKXETXF\",\"X.J.6\",\"OnDemand\",\"$ per Hour\",\"2026-11-01\",\"0\",\"Inf\",\"Hrs\",\"9", "\"Linux\",\"NA\",\"Used\",\"\"\n\"X\",\"JRTCKXETXF\",\"X.J.6\",\"OnDemand\",\"$ per Hour\",\"2026-11-01\",\"0\",\"Inf\",\"Hrs\",\"9");
    for (text, line, reason) in [
        (truncated, "line 12:", "cells where the header has 27"),
        (swapped, "line 6:", "column `PricePerUnit` is missing"),
        (other, "line 1:", "known is `v1.0`"),
        (unreadable, "line 10:", "it names no region"),
        (
            "<html>sorry</html>".to_owned(),
            "line 2:",
            "it ends before its header",
        ),
        (
            aws_csv(&[]).trim_end().to_owned(),
            "line 6:",
            "it lists nothing",
        ),
    ] {
        let (server, data) = (Server::start().await, TempDir::new().unwrap());
        serve_aws(&server, Answer::of(text));
        let report = run(&only_aws(&server), data.path()).await;
        let error = report.vendors[0].outcome.as_ref().unwrap_err().to_string();
        assert!(error.contains(line) && error.contains(reason), "{error}");
        assert!(report.installed.is_none());
        assert!(!data.path().join("catalog/prices.twc").exists());
    }
}

#[tokio::test]
async fn a_damaged_catalog_is_refused_and_the_previous_one_serves() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    serve_aws(&server, Answer::of(frankfurt()));
    let first = run(&only_aws(&server), data.path())
        .await
        .installed
        .unwrap();
    serve_aws(
        &server,
        Answer {
            entity_tag: None,
            ..Answer::of(frankfurt().replace("0.24", "0.26"))
        },
    );
    fs::remove_dir_all(data.path().join("catalog/downloads")).unwrap();
    let second = run(&only_aws(&server), data.path())
        .await
        .installed
        .unwrap();
    assert_ne!(first, second);
    let current = data.path().join("catalog/prices.twc");
    let mut file = fs::read(&current).unwrap();
    let middle = file.len() / 2;
    file[middle] ^= 1;
    fs::write(&current, &file).unwrap();
    let catalog = Catalog::open(data.path()).unwrap();
    assert_eq!(catalog.hash(), first);
    assert!(
        catalog
            .refused()
            .unwrap()
            .contains("checksum does not match")
    );
    assert!(Catalog::restore_previous(data.path()).unwrap());
    let catalog = Catalog::open(data.path()).unwrap();
    assert_eq!((catalog.hash(), catalog.refused()), (first.as_str(), None));
    assert!(!Catalog::restore_previous(data.path()).unwrap());
}
