//! Refreshes against servers that speak the vendors' formats, well and badly.

use std::fs;
use std::path::Path;
use std::time::Duration;

use domain::day::Day;
use domain::offer::{Exactness, OfferRef, Purchase};
use tempfile::TempDir;
use tradewind_catalog::refresh::{
    HttpFetch, Limits, Report, Settings, aws, azure, google, refresh,
};
use tradewind_catalog::{Catalog, Error};

use crate::server::{Answer, Server};
use crate::vendors::{
    AWS_FILE, AZURE_BEGIN, GOOGLE_BEGIN, aws_csv, aws_line, azure_item, azure_page, google_sku,
    serve_aws,
};

fn today() -> Day {
    Day::new(2026, 11, 23).unwrap()
}

fn limits() -> Limits {
    Limits {
        pause: Duration::from_millis(1),
        attempts: 3,
        ..Limits::default()
    }
}

fn only_aws(server: &Server) -> Settings {
    let settings = aws::Settings {
        base: server.base.clone(),
        regions: vec!["eu-central-1".to_owned()],
    };
    Settings {
        aws: Some(settings),
        limits: limits(),
        ..Settings::default()
    }
}

fn only_azure(server: &Server) -> Settings {
    let settings = azure::Settings {
        base: server.base.clone(),
        regions: Vec::new(),
    };
    Settings {
        azure: Some(settings),
        limits: limits(),
        ..Settings::default()
    }
}

async fn run(settings: &Settings, data: &Path) -> Report {
    // Another test may have been first; one provider is all that is needed.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    refresh(&HttpFetch::new(client), settings, data, today())
        .await
        .unwrap()
}

fn offer<'a>(catalog: &'a Catalog, machine: &str, region: &str) -> OfferRef<'a> {
    let mut found = catalog.offers().iter().filter(|it| {
        &*it.machine().name == machine
            && it.region() == region
            && it.machine().accelerator.is_none()
    });
    found.next().unwrap()
}

fn price(catalog: &Catalog, machine: &str, region: &str, purchase: Purchase) -> Option<i64> {
    offer(catalog, machine, region)
        .price(purchase)
        .map(|quote| quote.per_hour.micros)
}

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
async fn azure_pages_are_followed_and_a_stop_is_resumed() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    let machine = "Standard_D2s_v5";
    let second = format!("{}/api/retail/prices?$skip=100", server.base);
    let first = azure_page(
        &[
            azure_item(
                machine,
                "westeurope",
                "0.123",
                "D2s v5",
                "Virtual Machines Dsv5 Series",
            ),
            azure_item(
                machine,
                "westeurope",
                "0.023",
                "D2s v5 Spot",
                "Virtual Machines Dsv5 Series",
            ),
            azure_item(
                machine,
                "westeurope",
                "0.9",
                "D2s v5",
                "Virtual Machines Dsv5 Series Windows",
            ),
            azure_item(
                "Standard_X1",
                "westeurope",
                "0.9",
                "X1",
                "Virtual Machines X Series",
            ),
        ],
        Some(&second),
    );
    server.answer(AZURE_BEGIN, Answer::of(first));
    server.answer(
        "/api/retail/prices?$skip=100",
        Answer {
            failures: Some((503, 3)),
            ..Answer::of("")
        },
    );
    let report = run(&only_azure(&server), data.path()).await;
    assert!(matches!(
        report.vendors[0].outcome,
        Err(Error::Refused { status: 503, .. })
    ));
    let item = azure_item(
        machine,
        "northeurope",
        "0.111",
        "D2s v5",
        "Virtual Machines Dsv5 Series",
    );
    server.answer(
        "/api/retail/prices?$skip=100",
        Answer::of(azure_page(&[item], None)),
    );
    server.forget_seen();
    let report = run(&only_azure(&server), data.path()).await;
    let merged = report.vendors[0].outcome.as_ref().unwrap();
    assert_eq!(merged.skipped, ["Standard_X1"]);
    let paths: Vec<String> = server.seen().into_iter().map(|it| it.path).collect();
    assert_eq!(
        paths,
        ["/api/retail/prices?$skip=100"],
        "the first page was kept"
    );
    let catalog = Catalog::open(data.path()).unwrap();
    assert_eq!(
        price(&catalog, machine, "westeurope", Purchase::OnDemand),
        Some(123_000)
    );
    assert_eq!(
        price(&catalog, machine, "westeurope", Purchase::Spot),
        Some(23_000)
    );
    assert_eq!(
        price(&catalog, machine, "northeurope", Purchase::OnDemand),
        Some(111_000)
    );
    assert_eq!(
        price(&catalog, machine, "northeurope", Purchase::Spot),
        None
    );
}

#[tokio::test]
async fn a_corrected_slip_is_believed_again_and_a_new_one_is_not() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    let (good, bad) = ("Standard_F4ams_v6", "Standard_D4s_v5");
    let product = "Virtual Machines Series";
    let items = [
        azure_item(good, "newzealandnorth", "0.449", "F4ams v6", product),
        azure_item(bad, "westeurope", "0.0192", "D4s v5", product),
    ];
    server.answer(AZURE_BEGIN, Answer::of(azure_page(&items, None)));
    run(&only_azure(&server), data.path()).await;
    let catalog = Catalog::open(data.path()).unwrap();
    assert_eq!(
        price(&catalog, good, "newzealandnorth", Purchase::OnDemand),
        Some(449_000)
    );
    let set_aside = |machine: &str, region: &str| {
        catalog
            .quarantined()
            .iter()
            .any(|it| it.machine == machine && it.region == region)
    };
    assert!(!set_aside(good, "newzealandnorth"));
    assert!(
        set_aside("Standard_F8ams_v6", "newzealandnorth"),
        "nobody said anything new"
    );
    assert!(set_aside(bad, "westeurope"));
    assert!(
        !catalog
            .offers()
            .iter()
            .any(|it| { &*it.machine().name == bad && it.region() == "westeurope" })
    );
    let difference = tradewind_catalog::diff::diff(&Catalog::embedded().unwrap(), &catalog);
    assert!(difference.released.iter().any(|it| it.machine == good));
    assert!(difference.quarantined.iter().any(|it| it.machine == bad));
    assert_eq!(difference.added.len(), 1, "{:?}", difference.added);
    assert!(difference.removed.iter().all(|it| &*it.machine == bad));
}

#[tokio::test]
async fn lists_that_lead_astray_are_not_followed() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    for (next, expected) in [
        (
            "https://elsewhere.example/api".to_owned(),
            "which is another server",
        ),
        (
            format!("{}{AZURE_BEGIN}", server.base),
            "leads back to an earlier one",
        ),
    ] {
        server.answer(AZURE_BEGIN, Answer::of(azure_page(&[], Some(&next))));
        let report = run(&only_azure(&server), data.path()).await;
        let error = report.vendors[0].outcome.as_ref().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(report.installed.is_none());
    }
    server.answer(
        AZURE_BEGIN,
        Answer::of("{\"Items\":[\n{\"retailPrice\":\"x\""),
    );
    let report = run(&only_azure(&server), data.path()).await;
    let error = report.vendors[0].outcome.as_ref().unwrap_err().to_string();
    assert!(error.contains("line 2"), "{error}");
}

#[tokio::test]
async fn google_machines_are_composed_of_their_parts() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    let page = |skus: &[String], token: &str| {
        format!(
            "{{\"skus\":[{}],\"nextPageToken\":\"{token}\"}}",
            skus.join(",")
        )
    };
    let core = "N2 Instance Core running in Frankfurt";
    let ram = "N2 Instance Ram running in Frankfurt";
    let first = [
        google_sku(core, "OnDemand", "h", 40_000_000),
        google_sku(ram, "OnDemand", "GiBy.h", 5_000_000),
        google_sku(
            "N2 Custom Instance Core running in Frankfurt",
            "OnDemand",
            "h",
            99_000_000,
        ),
    ];
    let second = [
        google_sku(
            &format!("Spot Preemptible {core}"),
            "Preemptible",
            "h",
            8_000_000,
        ),
        google_sku(
            &format!("Spot Preemptible {ram}"),
            "Preemptible",
            "GiBy.h",
            1_000_000,
        ),
    ];
    server.answer(GOOGLE_BEGIN, Answer::of(page(&first, "a/b=")));
    let next = format!("{GOOGLE_BEGIN}&pageToken=a%2Fb%3D");
    server.answer(&next, Answer::of(page(&second, "")));
    let settings = google::Settings {
        base: server.base.clone(),
        key: "secret".to_owned(),
    };
    let google = Some(settings);
    let settings = Settings {
        google,
        limits: limits(),
        ..Settings::default()
    };
    let report = run(&settings, data.path()).await;
    assert!(report.vendors[0].outcome.is_ok(), "{report:?}");
    assert!(
        server
            .seen()
            .iter()
            .all(|it| it.key.as_deref() == Some("secret"))
    );
    assert!(!format!("{settings:?}").contains("secret"));
    let catalog = Catalog::open(data.path()).unwrap();
    let found = |purchase| price(&catalog, "n2-standard-4", "europe-west3", purchase);
    assert_eq!(found(Purchase::OnDemand), Some(4 * 40_000 + 16 * 5_000));
    assert_eq!(found(Purchase::Spot), Some(4 * 8_000 + 16 * 1_000));
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

#[tokio::test]
async fn a_finished_list_is_read_anew_on_the_same_day() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    let machine = "Standard_D2s_v5";
    for (text, micros) in [("0.123", 123_000), ("0.124", 124_000)] {
        let item = azure_item(
            machine,
            "westeurope",
            text,
            "D2s v5",
            "Virtual Machines Dsv5 Series",
        );
        server.answer(AZURE_BEGIN, Answer::of(azure_page(&[item], None)));
        run(&only_azure(&server), data.path()).await;
        let catalog = Catalog::open(data.path()).unwrap();
        assert_eq!(
            price(&catalog, machine, "westeurope", Purchase::OnDemand),
            Some(micros)
        );
    }
}

#[tokio::test]
async fn a_list_that_jumps_is_refused_and_a_single_jump_waits_for_confirmation() {
    let (server, data) = (Server::start().await, TempDir::new().unwrap());
    let machines = [
        "D2s", "D4s", "D8s", "D16s", "D32s", "E2s", "E4s", "E8s", "E16s", "E32s",
    ];
    let embedded = Catalog::embedded().unwrap();
    let page = |jumps: usize| {
        let item = |(index, name): (usize, &&str)| {
            let machine = format!("Standard_{name}_v5");
            let was = price(&embedded, &machine, "westeurope", Purchase::OnDemand).unwrap();
            let micros = if index < jumps { was / 10 } else { was };
            let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
            azure_item(
                &machine,
                "westeurope",
                &text,
                name,
                "Virtual Machines Series",
            )
        };
        azure_page(
            &machines.iter().enumerate().map(item).collect::<Vec<_>>(),
            None,
        )
    };
    server.answer(AZURE_BEGIN, Answer::of(page(10)));
    let report = run(&only_azure(&server), data.path()).await;
    let error = report.vendors[0].outcome.as_ref().unwrap_err().to_string();
    assert!(error.starts_with("10 of 10 prices of `azure`"), "{error}");
    assert!(report.installed.is_none());
    server.answer(AZURE_BEGIN, Answer::of(page(1)));
    let report = run(&only_azure(&server), data.path()).await;
    let merged = report.vendors[0].outcome.as_ref().unwrap();
    assert_eq!((merged.jumped, merged.confirmed), (1, 9));
    let catalog = Catalog::open(data.path()).unwrap();
    let mut found = catalog.quarantined().iter();
    let found = found
        .find(|it| it.machine == "Standard_D2s_v5" && it.rule == "jump")
        .unwrap();
    assert!(found.reason.contains("may confirm it"), "{}", found.reason);
    let offered = |name: &str| {
        catalog
            .offers()
            .iter()
            .any(|it| &*it.machine().name == name && it.region() == "westeurope")
    };
    assert!(offered("Standard_D4s_v5") && !offered("Standard_D2s_v5"));
}
