//! What is advised to commit to, and at which discounts.

use crate::rules::{HEAD, amount, catalog, context, found, line};
use crate::support::Fixture;
use tradewind_costs::rules::{Context, advise};

#[test]
fn discounts_for_a_part_of_the_spend_are_weighed_together() {
    let fixture = Fixture::new();
    let mut csv = HEAD.to_owned();
    for day in 1..=28 {
        for hour in 0..24 {
            line(
                &mut csv,
                (day, hour),
                "10",
                "Compute",
                "a",
                "i-1",
                "m5.large",
                "Box",
                "1",
            );
            line(
                &mut csv,
                (day, hour),
                "5",
                "Compute",
                "a",
                "i-2",
                "c5.large",
                "Box",
                "1",
            );
        }
    }
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    let discounts = [
        ("broad".to_owned(), 20),
        ("m5@resource-type=m5.large".to_owned(), 40),
    ];
    let context = Context {
        discounts: &discounts,
        ..context(&fixture, None)
    };
    let advice = found(&context, "commitment");
    assert_eq!(
        advice[0].change,
        "commit to 6.00 USD an hour of `m5` at 40 % and 4.00 USD an hour of `broad` at 20 %"
    );
    // Five an hour: 4 of m5's ten and 1 of the other five.
    assert_eq!(
        advice[0].saving_per_month,
        Some(amount("3360").part(304_375, 280_000).rounded(2))
    );
    let wrong = [("x@resource-typo=a".to_owned(), 10)];
    let context = Context {
        discounts: &wrong,
        ..context
    };
    assert!(
        advise(&context)
            .unwrap_err()
            .to_string()
            .contains("resource-typo")
    );
}

/// Four weeks of a dollar an hour at standard prices, and whatever else.
fn steady(more: &str) -> Fixture {
    let fixture = Fixture::new();
    let mut csv =
        "BilledCost,EffectiveCost,ListCost,BillingCurrency,ChargePeriodStart,ChargeCategory,\
                   PricingCategory,ServiceCategory,ProviderName,RegionId,ResourceType,\
                   CommitmentDiscountId,CommitmentDiscountType,CommitmentDiscountStatus\n"
            .to_owned();
    for (day, hour) in (1..=28).flat_map(|day| (0..24).map(move |hour| (day, hour))) {
        let start = format!("USD,2026-06-{day:02}T{hour:02}:00:00Z,Usage");
        csv.push_str(&format!(
            "1,1,1,{start},Standard,Compute,AWS,us-east-1,m5.large,,,\n{more}"
        ));
    }
    fixture.import(&fixture.file("june.csv", csv)).unwrap();
    fixture
}

#[test]
fn without_an_offer_the_bills_own_commitments_say_what_one_saves() {
    let start = "USD,2026-06-02T00:00:00Z,Usage";
    let more = format!(
        "0,0.72,1,{start},Committed,Compute,AWS,us-east-1,m5.large,sp-1,Savings Plan,Used\n"
    );
    let fixture = steady(&more);
    let advice = found(&context(&fixture, None), "commitment");
    assert_eq!(
        advice[0].change,
        "commit to 0.72 USD an hour of `Savings Plan as in the bill` at 28 % discount"
    );
    assert_eq!(
        advice[0].saving_per_month,
        Some(amount("188.16").part(304_375, 280_000).rounded(2))
    );
    let seen = advice[0].evidence.join("; ");
    assert!(seen.contains("483.84 USD instead of 672.00 USD"), "{seen}");
    // What is offered counts more.
    let discounts = [("offered".to_owned(), 40)];
    let context = Context {
        discounts: &discounts,
        ..context(&fixture, None)
    };
    let advice = found(&context, "commitment");
    assert!(advice[0].change.contains("`offered` at 40 %"), "{advice:?}");
}

#[test]
fn without_either_the_catalogs_committed_prices_do_and_else_it_says_that_nothing_is_known() {
    let fixture = steady("");
    let silent = advise(&context(&fixture, None)).unwrap();
    let silent = silent.iter().find(|one| one.rule == "commitment").unwrap();
    let why = silent.silent.as_ref().unwrap();
    assert!(why.contains("no discount is known"), "{why}");

    let offers = catalog();
    let advice = found(&context(&fixture, Some(&offers)), "commitment");
    assert_eq!(
        advice[0].change,
        "commit to 0.75 USD an hour of `committed one year` at 25 % discount"
    );
    let seen = advice[0].evidence.join("; ");
    assert!(seen.contains("by the catalog"), "{seen}");
}
