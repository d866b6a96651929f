use super::*;

fn tariff(tiers: &[(Option<u64>, i64)]) -> Result<Tariff, BadTariff> {
    let tiers = tiers
        .iter()
        .map(|&(edge, micros)| (edge, Money::micros(micros)))
        .collect();
    Tariff::new(tiers, Exactness::Exact, "list".into(), Day::from_days(0))
}

fn internet() -> Tariff {
    tariff(&[
        (Some(100), 0),
        (Some(10_240), 90_000),
        (Some(51_200), 85_000),
        (Some(153_600), 70_000),
        (None, 50_000),
    ])
    .unwrap()
}

fn region(provider: &str, code: &str, continent: Continent) -> Region {
    Region {
        provider: provider.into(),
        code: code.into(),
        place: code.into(),
        country: "xx".into(),
        continent,
        position: (0, 0),
        certifications: Vec::new(),
        carbon: None,
    }
}

#[test]
fn fifty_terabytes_cost_what_the_list_says() {
    let terabyte = 1024 * BILLED_GIGABYTE;
    assert_eq!(
        internet().cost(50 * terabyte, 0),
        Money::micros(4_394_200_000)
    );
    assert_eq!(internet().cost(99 * BILLED_GIGABYTE, 0), Money::ZERO);
    assert_eq!(
        internet().cost(BILLED_GIGABYTE, 200 * BILLED_GIGABYTE),
        Money::micros(90_000)
    );
}

#[test]
fn the_cost_is_monotone_and_additive() {
    let tariff = internet();
    let step = 977 * BILLED_GIGABYTE + 12_345;
    let mut sum = 0;
    for count in 0..400_u64 {
        let whole = tariff.cost(step * count, 0).micros;
        assert!(
            (sum - whole).abs() <= count as i64,
            "{count}: {sum} against {whole}"
        );
        let next = tariff.cost(step, step * count).micros;
        assert!(next > 0);
        sum += next;
    }
    assert!(tariff.cost(u64::MAX, u64::MAX).micros > 0);
}

#[test]
fn tiers_that_make_no_sense_are_refused() {
    assert_eq!(tariff(&[]).unwrap_err().reason, "is missing");
    assert_eq!(
        tariff(&[(Some(5), 1)]).unwrap_err().reason,
        "is the last but closed"
    );
    assert_eq!(
        tariff(&[(None, 1), (None, 1)]).unwrap_err().reason,
        "is open but not the last"
    );
    let falling = tariff(&[(Some(5), 1), (Some(5), 1), (None, 1)]).unwrap_err();
    assert_eq!(
        falling.to_string(),
        "tier 2 of a tariff does not lie above the one before"
    );
    assert_eq!(
        tariff(&[(None, -1)]).unwrap_err().reason,
        "has a negative price"
    );
}

#[test]
fn the_most_specific_price_wins() {
    use Continent::{Asia, Europe};
    let flat = |micros| tariff(&[(None, micros)]).unwrap();
    let mut prices = TransferPrices::default();
    let of = prices.providers.entry("a".into()).or_default();
    of.internet_by_continent.insert(Europe, flat(90));
    of.internet_by_region.insert("e2".into(), flat(80));
    of.between_continents.insert((Europe, Europe), flat(20));
    of.between_regions
        .insert(("e1".into(), "e2".into()), flat(10));
    of.between_zones = Some(flat(5));
    let (e1, e2) = (region("a", "e1", Europe), region("a", "e2", Europe));
    let (far, other) = (region("a", "x", Asia), region("b", "e1", Europe));
    let cost = |from: &Region, to: Destination<'_>| {
        prices
            .cost(from, to, BILLED_GIGABYTE, 0)
            .map(|it| (it.path, it.cost.micros))
    };
    assert_eq!(
        cost(&e1, Destination::Region(&e1)),
        Ok((Path::SameRegion, 0))
    );
    assert_eq!(cost(&e1, Destination::OtherZone), Ok((Path::Zones, 5)));
    assert_eq!(cost(&e1, Destination::Region(&e2)), Ok((Path::Regions, 10)));
    assert_eq!(cost(&e2, Destination::Region(&e1)), Ok((Path::Regions, 20)));
    assert_eq!(
        cost(&e1, Destination::Region(&other)),
        Ok((Path::Internet, 90))
    );
    assert_eq!(cost(&e2, Destination::Internet), Ok((Path::Internet, 80)));
    let error = cost(&e1, Destination::Region(&far)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no price is known for data from `e1` of `a` to its region `x`"
    );
    assert!(cost(&far, Destination::Internet).is_err());
}
