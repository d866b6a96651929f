//! The catalog as its users meet it.

use domain::offer::Purchase;
use tradewind_catalog::Catalog;

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
