use std::sync::Arc;

use domain::day::Day;
use domain::offer::{Architecture, Exactness, Machine, Source, SourceId};

use super::*;
use crate::import::{ExchangeRate, Figure};

fn machine(name: &str, vcpus: u32) -> Machine {
    Machine {
        provider: "cloud".into(),
        name: name.into(),
        vcpus_milli: vcpus * 1000,
        memory_bytes: u64::from(vcpus) << 32,
        architecture: Architecture::X86_64,
        accelerator: None,
    }
}

fn row(machine: &Machine, region: &str, prices: [Option<&str>; 2], currency: &str) -> Row {
    let currency: Arc<str> = currency.into();
    let figure = |text: Option<&str>| text.and_then(|text| Figure::dollars(text, &currency));
    Row {
        machine: machine.clone(),
        region: region.into(),
        zone: "".into(),
        figures: [figure(prices[0]), figure(prices[1]), None, None],
        sources: [SourceId(0); 4],
        interruption_percent: None,
    }
}

fn judged(rows: Vec<Row>, rates: &ExchangeRates) -> Judged {
    let mut all = Rows::default();
    all.source(Source {
        name: "list".into(),
        note: "of a test".into(),
        as_of: Day::from_days(0),
        exactness: Exactness::Exact,
    })
    .unwrap();
    all.rows = rows;
    judge(all, rates).unwrap()
}

fn reasons(judged: &Judged) -> Vec<(String, Purchase, String)> {
    let quarantined = judged.quarantined.iter();
    quarantined
        .map(|it| (it.rule.clone(), it.purchase, it.reason.clone()))
        .collect()
}

#[test]
fn figures_are_read_or_refused() {
    assert_eq!(read_figure("0.0416"), Ok(Money::micros(41_600)));
    assert_eq!(read_figure("1.2e-3"), Ok(Money::micros(1_200)));
    assert_eq!(read_figure("NaN"), Err(BadFigure::NotANumber("NaN".into())));
    assert_eq!(read_figure("inf"), Err(BadFigure::NotANumber("inf".into())));
    assert_eq!(read_figure(""), Err(BadFigure::NotANumber(String::new())));
    assert_eq!(read_figure("-1"), Err(BadFigure::Negative));
    assert_eq!(read_figure("0.0"), Err(BadFigure::Zero));
    assert_eq!(read_figure("0.0000001"), Err(BadFigure::Zero));
    assert_eq!(read_figure("1e9"), Err(BadFigure::TooLarge));
}

#[test]
fn bad_figures_are_quarantined_and_the_rest_is_kept() {
    let small = machine("m.small", 2);
    let rows = vec![
        row(&small, "a", [Some("0.10"), Some("0.03")], "USD"),
        row(&small, "b", [Some("NaN"), Some("0.03")], "USD"),
        row(&small, "c", [Some("-0.1"), None], "USD"),
        row(&small, "d", [Some("0"), None], "USD"),
        row(&small, "e", [Some("0.10"), Some("nan")], "USD"),
    ];
    let judged = judged(rows, &ExchangeRates::default());
    let regions: Vec<&str> = judged
        .offers
        .iter()
        .map(domain::offer::OfferRef::region)
        .collect();
    assert_eq!(regions, ["a", "e"]);
    // With the on-demand price of `b` goes its spot price, which is derived from it.
    assert_eq!(judged.quarantined.len(), 5, "{:?}", judged.quarantined);
}

#[test]
fn another_currency_needs_a_dated_rate() {
    let small = machine("m.small", 2);
    let yuan = || vec![row(&small, "cn", [Some("0.70"), None], "CNY")];
    let without = judged(yuan(), &ExchangeRates::default());
    assert!(without.offers.is_empty());
    assert!(without.quarantined[0].reason.contains("CNY"));
    let mut rates = ExchangeRates::default();
    let as_of = Day::new(2026, 11, 1).unwrap();
    rates.insert(
        "cny",
        ExchangeRate {
            micros: 140_000,
            as_of,
            source: "bank".into(),
        },
    );
    rates.insert(
        "XXX",
        ExchangeRate {
            micros: 0,
            as_of,
            source: "bank".into(),
        },
    );
    assert!(rates.get("XXX").is_none());
    let with = judged(yuan(), &rates);
    let price = with.offers.price(0, Purchase::OnDemand).unwrap();
    assert_eq!(price.per_hour, Money::micros(98_000));
}

/// Twenty types in eight regions; the price level of `r7` is half as much again.
fn market() -> Vec<Row> {
    let mut rows = Vec::new();
    for kind in 1..=20 {
        let machine = machine(&format!("t{kind}.large"), 4);
        for region in 0..8 {
            let level = if region == 7 { 15 } else { 10 };
            let price = format!("{}.{:03}", kind * level / 10, kind * level % 10 * 100);
            rows.push(row(
                &machine,
                &format!("r{region}"),
                [Some(&price), None],
                "USD",
            ));
        }
    }
    rows
}

#[test]
fn a_decimal_slip_is_found_and_a_dear_region_is_not_blamed() {
    let dollars: Arc<str> = "USD".into();
    assert!(
        judged(market(), &ExchangeRates::default())
            .quarantined
            .is_empty()
    );
    let mut rows = market();
    rows[8 * 9 + 3].figures[0] = Figure::dollars("1.0", &dollars);
    let found = judged(rows, &ExchangeRates::default());
    let [(rule, purchase, reason)] = &reasons(&found)[..] else {
        panic!("{found:?}")
    };
    assert_eq!((rule.as_str(), *purchase), ("regions", Purchase::OnDemand));
    assert_eq!(
        reason,
        "it is 0.10 times the $10.00 that the type's 7 other regions suggest"
    );
}

#[test]
fn three_regions_with_one_price_excuse_each_other() {
    let dollars: Arc<str> = "USD".into();
    let mut rows = market();
    for region in 0..3 {
        rows[8 * 9 + region].figures[0] = Figure::dollars("3.5", &dollars);
    }
    assert!(
        judged(rows, &ExchangeRates::default())
            .quarantined
            .is_empty()
    );
}

#[test]
fn a_family_scales_with_its_size() {
    let prices = |large: &str| {
        vec![
            row(
                &machine("Standard_D2_v9", 2),
                "r",
                [Some("0.1"), Some("0.05")],
                "USD",
            ),
            row(
                &machine("Standard_D4_v9", 4),
                "r",
                [Some("0.2"), None],
                "USD",
            ),
            row(
                &machine("Standard_D8_v9", 8),
                "r",
                [Some(large), None],
                "USD",
            ),
        ]
    };
    assert!(
        judged(prices("0.4"), &ExchangeRates::default())
            .quarantined
            .is_empty()
    );
    let slipped = judged(prices("0.04"), &ExchangeRates::default());
    assert!(
        slipped
            .quarantined
            .iter()
            .any(|it| it.machine == "Standard_D8_v9")
    );
    assert!(slipped.quarantined.iter().all(|it| it.rule == "family"));
}

#[test]
fn one_price_for_all_sizes_is_a_placeholder() {
    let sizes = [1, 4, 16].map(|vcpus| machine(&format!("tpu-x-{vcpus}"), vcpus));
    let rows = sizes
        .iter()
        .map(|it| row(it, "r", [Some("700"), None], "USD"))
        .collect();
    let found = judged(rows, &ExchangeRates::default());
    assert!(found.offers.is_empty());
    assert!(found.quarantined.iter().all(|it| it.rule == "placeholder"));
}

#[test]
fn spot_lies_below_on_demand_but_not_at_nothing() {
    let small = machine("m.small", 2);
    for (spot, good) in [
        ("0.03", true),
        ("0.1", false),
        ("0.2", false),
        ("0.002", false),
    ] {
        let rows = vec![row(&small, "a", [Some("0.1"), Some(spot)], "USD")];
        let found = judged(rows, &ExchangeRates::default());
        assert_eq!(found.quarantined.is_empty(), good, "{spot}");
        assert!(
            found.offers.price(0, Purchase::OnDemand).is_some(),
            "{spot}"
        );
        assert_eq!(
            found.offers.price(0, Purchase::Spot).is_some(),
            good,
            "{spot}"
        );
    }
}

#[test]
fn the_dearer_of_two_rows_for_one_place_counts() {
    let small = machine("m.small", 2);
    let rows = ["0.1", "0.3", "0.2"]
        .map(|price| row(&small, "a", [Some(price), None], "USD"))
        .to_vec();
    let found = judged(rows, &ExchangeRates::default());
    let price = found.offers.price(0, Purchase::OnDemand).unwrap();
    assert_eq!(price.per_hour, Money::micros(300_000));
}
