use super::*;

fn region(code: &str, country: &str, continent: Continent, position: (i32, i32)) -> Region {
    Region {
        provider: "cloud".into(),
        code: code.into(),
        place: code.into(),
        country: country.into(),
        continent,
        position,
        certifications: Vec::new(),
        carbon: None,
    }
}

fn allows(rule: &str, country: &str, continent: Continent) -> bool {
    let rule: Residency = rule.parse().unwrap();
    rule.allows(&region("r", country, continent, (0, 0)))
        .is_ok()
}

#[test]
fn rules_follow_the_map() {
    use Continent::{Asia, Europe, NorthAmerica};
    for (rule, country, continent, expected) in [
        ("eu", "de", Europe, true),
        ("eu", "no", Europe, false),
        ("eea", "no", Europe, true),
        ("eu", "gb", Europe, false),
        ("eu", "ch", Europe, false),
        ("gdpr", "ch", Europe, true),
        ("gdpr", "jp", Asia, true),
        ("gdpr", "us", NorthAmerica, false),
        ("gdpr", "ca", NorthAmerica, false),
        ("us", "us", NorthAmerica, true),
        ("us", "ca", NorthAmerica, false),
        ("DE", "de", Europe, true),
        ("uk", "gb", Europe, true),
        ("not: cn", "de", Europe, true),
        ("not:cn", "cn", Asia, false),
        ("not: eu", "fr", Europe, false),
        ("europe", "ch", Europe, true),
        ("eu | ch", "ch", Europe, true),
        ("not: us | cn", "us", NorthAmerica, false),
        ("not: us | cn", "in", Asia, true),
    ] {
        assert_eq!(
            allows(rule, country, continent),
            expected,
            "{rule} in {country}"
        );
    }
}

#[test]
fn an_unknown_country_satisfies_nothing() {
    for rule in ["eu", "not: cn", "europe"] {
        assert!(!allows(rule, "", Continent::Europe), "{rule}");
    }
}

#[test]
fn evidence_names_rule_region_and_ground() {
    let rule: Residency = "gdpr".parse().unwrap();
    let zurich = region("zrh", "ch", Continent::Europe, (0, 0));
    let evidence = rule.allows(&zurich).unwrap();
    assert_eq!(&*evidence.country, "ch");
    assert!(evidence.basis.contains("2000/518/EC"), "{}", evidence.basis);
    let rule: Residency = "not: ch".parse().unwrap();
    let why = rule.allows(&zurich).unwrap_err();
    assert_eq!(
        why.to_string(),
        "region `zrh` of `cloud` breaks the rule `not: ch`: `zrh` is in `ch`"
    );
}

#[test]
fn a_mistyped_rule_gets_the_nearest_names() {
    let error = "gpdr".parse::<Residency>().unwrap_err();
    assert!(error.nearest.contains(&"gdpr".to_owned()), "{error}");
    assert!("".parse::<Residency>().is_err());
    assert!("not:".parse::<Residency>().is_err());
    assert!("eu|".parse::<Residency>().is_err());
}

#[test]
fn rules_print_as_they_are_read() {
    for name in Residency::names() {
        for text in [name.to_owned(), format!("not: {name}")] {
            let rule: Residency = text.parse().unwrap();
            assert_eq!(rule.to_string().parse::<Residency>().unwrap(), rule);
        }
    }
}

#[test]
fn distances_are_those_of_an_atlas() {
    let frankfurt = region("f", "de", Continent::Europe, (50_110, 8_680));
    let dublin = region("d", "ie", Continent::Europe, (53_350, -6_260));
    let sydney = region("s", "au", Continent::Oceania, (-33_870, 151_210));
    assert!((1_070..1_110).contains(&frankfurt.distance_km(&dublin)));
    assert!((16_400..16_600).contains(&frankfurt.distance_km(&sydney)));
    assert_eq!(frankfurt.distance_km(&frankfurt), 0);
}

#[test]
fn an_unknown_region_gets_the_nearest_codes() {
    let mut regions = Regions::default();
    regions.insert(region("eu-west-1", "ie", Continent::Europe, (0, 0)));
    regions.insert(region("us-east-1", "us", Continent::NorthAmerica, (0, 0)));
    assert!(regions.find("cloud", "eu-west-1").is_ok());
    let error = regions.find("cloud", "eu-wst-1").unwrap_err();
    assert_eq!(error.nearest[0], "eu-west-1");
    let jurisdictions = regions.get("cloud", "eu-west-1").unwrap().jurisdictions();
    assert_eq!(jurisdictions, ["ie", "eu", "eea", "gdpr", "europe"]);
}
