//! Refreshes from lists in pages: Azure retail prices and Google's SKUs.

use domain::offer::Purchase;
use tempfile::TempDir;
use tradewind_catalog::refresh::{Settings, google};
use tradewind_catalog::{Catalog, Error};

use crate::server::{Answer, Server};
use crate::support::{limits, only_azure, price, run};
use crate::vendors::{AZURE_BEGIN, GOOGLE_BEGIN, azure_item, azure_page, google_sku};

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
            // A meter that nothing is billed by.
            azure_item(
                machine,
                "westeurope",
                "0.5",
                "D2s v5",
                "Virtual Machines Dsv5 Series",
            )
            .replace("Region\":true", "Region\":false"),
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
