//! The catalog that the program carries.

use domain::day::Day;
use domain::offer::{Exactness, Purchase};
use domain::transfer::Destination;
use tradewind_catalog::show::{self, Filter};
use tradewind_catalog::{Catalog, diff};

#[test]
fn the_embedded_catalog_has_the_offers_of_three_clouds() {
    let catalog = Catalog::embedded().unwrap();
    assert!(
        catalog.offers().len() > 100_000,
        "{}",
        catalog.offers().len()
    );
    for provider in ["aws", "azure", "google"] {
        let found = catalog
            .offers()
            .iter()
            .filter(|offer| offer.provider() == provider)
            .count();
        assert!(found > 15_000, "{provider}: {found}");
    }
}

#[test]
fn the_decimal_slip_is_not_planned_on() {
    let catalog = Catalog::embedded().unwrap();
    let slip = |region: &str| {
        catalog
            .offers()
            .iter()
            .any(|offer| &*offer.machine().name == "Standard_F4ams_v6" && offer.region() == region)
    };
    assert!(slip("australiaeast"));
    assert!(!slip("newzealandnorth"));
    let set_aside = catalog
        .quarantined()
        .iter()
        .find(|it| it.machine == "Standard_F4ams_v6" && it.purchase == Purchase::OnDemand)
        .unwrap();
    assert_eq!(set_aside.region, "newzealandnorth");
    assert_eq!(set_aside.figure, "0.0449 USD");
    assert!(
        set_aside.reason.contains("0.10 times"),
        "{}",
        set_aside.reason
    );
    assert!(
        catalog.quarantined().len() < 300,
        "{}",
        catalog.quarantined().len()
    );
}

#[test]
fn offers_are_shown_cheapest_first_with_dates_and_services() {
    let catalog = Catalog::embedded().unwrap();
    let filter = Filter {
        provider: Some("aws".to_owned()),
        accelerator: Some("nvidia-a100-80gb".to_owned()),
        ..Filter::default()
    };
    let lines = show::offers(&catalog, &filter, 3);
    assert_eq!(lines.len(), 3);
    assert!(
        lines
            .iter()
            .all(|line| line.accelerators.as_deref() == Some("8 A100-80GB"))
    );
    let price = |line: &show::OfferLine| line.prices[&Purchase::OnDemand].per_hour;
    assert!(lines.is_sorted_by_key(price));
    assert!(lines[0].services["sagemaker"] > price(&lines[0]));
    assert_eq!(
        show::nearest_machines(&catalog, "p4de.24xlrge")[0],
        "p4de.24xlarge"
    );
}

#[test]
fn every_price_has_a_source_and_old_ones_are_warned_of() {
    let catalog = Catalog::embedded().unwrap();
    let sources = show::sources(&catalog);
    assert!(
        sources
            .iter()
            .any(|it| &*it.name == "scaled" && it.exactness == Exactness::Estimated)
    );
    let count: usize = sources.iter().map(|it| it.prices).sum();
    assert!(count > 200_000, "{count}");
    assert_eq!(catalog.as_of(), Day::new(2024, 4, 1));
    let today = Day::new(2026, 6, 1).unwrap();
    let aged = show::aged(&catalog, today, 90);
    assert!(aged.iter().any(|it| it.warning.contains("days old")));
    assert!(aged.iter().any(|it| it.warning.contains("ahead of today")));
    assert!(
        !aged
            .iter()
            .any(|it| &*it.source.name == "azure-retail-2026-05")
    );
}

#[test]
fn nothing_differs_from_itself() {
    let catalog = Catalog::embedded().unwrap();
    assert_eq!(diff::diff(&catalog, &catalog), diff::Difference::default());
    assert_eq!(catalog.hash(), Catalog::embedded().unwrap().hash());
}

#[test]
fn all_offered_regions_have_facts_and_transfer_prices() {
    let catalog = Catalog::embedded().unwrap();
    for (provider, code) in catalog.offers().regions() {
        let region = catalog.regions().find(provider, code).unwrap();
        for other in catalog.regions().iter() {
            let to = Destination::Region(other);
            assert!(
                catalog.transfer().cost(region, to, 1 << 40, 0).is_ok(),
                "{code}"
            );
        }
        assert!(catalog.disk().cheapest(provider, code).is_some(), "{code}");
    }
    let region = |code| catalog.regions().find("aws", code).unwrap();
    let (virginia, ohio) = (region("us-east-1"), region("us-east-2"));
    let listed = catalog
        .transfer()
        .cost(virginia, Destination::Region(ohio), 1 << 30, 0)
        .unwrap();
    assert_eq!(
        (listed.cost.micros, listed.exactness),
        (10_000, Exactness::Exact)
    );
    let out = catalog
        .transfer()
        .cost(virginia, Destination::Internet, 50 << 40, 0)
        .unwrap();
    assert_eq!(out.cost.micros, 4_394_200_000);
}

#[test]
fn accelerators_of_all_offers_are_known() {
    let catalog = Catalog::embedded().unwrap();
    for machine in catalog.offers().machines() {
        let Some(accelerator) = &machine.accelerator else {
            continue;
        };
        let facts = catalog.accelerators().find(&accelerator.model).unwrap();
        assert_eq!(facts.model, accelerator.model);
        assert!(
            accelerator.memory_bytes > 0 && accelerator.count_milli > 0,
            "{}",
            machine.name
        );
    }
}

#[test]
fn without_a_refreshed_catalog_the_embedded_one_is_opened() {
    let data = tempfile::TempDir::new().unwrap();
    let catalog = Catalog::open(data.path()).unwrap();
    assert_eq!(catalog.hash(), Catalog::embedded().unwrap().hash());
    assert_eq!(catalog.refused(), None);
    std::fs::create_dir_all(data.path().join("catalog")).unwrap();
    std::fs::write(data.path().join("catalog/prices.twc"), b"TWCATLG").unwrap();
    let catalog = Catalog::open(data.path()).unwrap();
    assert!(
        catalog
            .refused()
            .unwrap()
            .contains("shorter than its header")
    );
    assert!(!catalog.offers().is_empty());
}
