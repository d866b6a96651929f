//! Answers are what adding up by hand gives, in one currency at a time.

use crate::support::{Fixture, focus, groups};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tradewind_costs::query::{Filter, Key, Metric, Per, Question, Test, unit_cost};
use tradewind_costs::{Amount, instant};

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    let lines = [
        ("S3", 1, "1", r#"{"team":"search","env":"prod"}"#),
        ("S3", 2, "2", r#"{"team":"ads"}"#),
        ("EC2", 2, "4", r#"{"team":"search"}"#),
        ("EC2", 3, "8", ""),
        ("EC2", 3, "-0.5", r#"{"env":"prod"}"#),
    ];
    fixture
        .import(&fixture.file("june.csv", focus(&lines)))
        .unwrap();
    fixture
}

#[test]
fn groups_by_one_two_and_three_keys() {
    let fixture = fixture();
    assert_eq!(groups(&fixture.by("service")), ["EC2 = 11.5", "S3 = 3"]);
    assert_eq!(
        groups(&fixture.by("tag:team")),
        ["– = 7.5", "search = 5", "ads = 2"]
    );
    assert_eq!(
        groups(&fixture.by("service,tag:env,day")),
        [
            "EC2, –, 2026-06-03 = 8",
            "EC2, –, 2026-06-02 = 4",
            "S3, –, 2026-06-02 = 2",
            "S3, prod, 2026-06-01 = 1",
            "EC2, prod, 2026-06-03 = -0.5"
        ]
    );
    assert_eq!(
        groups(&fixture.by("month,billing-month,provider,region"))[0],
        "2026-06, 2026-06, AWS, us-east-1 = 14.5"
    );
    assert_eq!(groups(&fixture.by("workload")), ["– = 14.5"]);
}

#[test]
fn filters_narrow_by_keys_tags_and_time() {
    let fixture = fixture();
    let sum = |filters: Vec<(&str, Test)>, from: &str, to: &str| {
        let filters = filters.into_iter().map(|(key, test)| Filter {
            key: Key::parse(key).unwrap(),
            test,
        });
        let question = Question {
            filters: filters.collect(),
            from: instant::read(from),
            to: instant::read(to),
            ..Question::default()
        };
        let answer = fixture.ledger.ask(&question).unwrap();
        answer
            .totals
            .first()
            .map_or("none".to_owned(), |total| total.values[0].to_string())
    };
    let is = |value: &str| Test::Is(vec![value.to_owned()]);
    assert_eq!(sum(vec![("service", is("EC2"))], "", ""), "11.5");
    assert_eq!(sum(vec![("tag:team", Test::Missing)], "", ""), "7.5");
    assert_eq!(sum(vec![("tag:team", Test::Given)], "2026-06-02", ""), "6");
    assert_eq!(
        sum(
            vec![("tag:team", Test::IsNot(vec!["search".into()]))],
            "",
            ""
        ),
        "9.5"
    );
    assert_eq!(sum(vec![], "2026-06-02", "2026-06-03"), "6");
    assert_eq!(sum(vec![], "2026-07-01", ""), "none");
    assert_eq!(
        sum(
            vec![("service", is("EC2")), ("tag:env", is("prod"))],
            "",
            ""
        ),
        "-0.5"
    );
    assert_eq!(sum(vec![("tag:nobody", is("x"))], "", ""), "none");
}

#[test]
fn currencies_stay_apart() {
    let fixture = fixture();
    let euros = focus(&[("S3", 1, "100", "")])
        .replace(",USD,", ",EUR,")
        .replace(",AWS,", ",OVH,");
    fixture.import(&fixture.file("euros.csv", euros)).unwrap();
    assert_eq!(fixture.total(), "100/100 EUR, 14.5/14.5 USD");
    let answer = fixture.by("service");
    assert_eq!(groups(&answer), ["S3 = 100", "EC2 = 11.5", "S3 = 3"]);
    assert!(
        answer
            .one_currency()
            .unwrap_err()
            .to_string()
            .contains("EUR, USD")
    );
    let dollars = Question {
        currency: Some("USD".to_owned()),
        ..Question::default()
    };
    assert_eq!(
        fixture
            .ledger
            .ask(&dollars)
            .unwrap()
            .one_currency()
            .unwrap(),
        Some("USD")
    );
}

#[test]
fn unit_costs_divide_by_things_and_by_usage() {
    let fixture = fixture();
    let question = Question {
        metrics: vec![Metric::Effective],
        ..Question::default()
    };
    let team = Per::Distinct(Key::parse("tag:team").unwrap());
    let unit = &unit_cost(&fixture.ledger, &question, &team).unwrap()[0];
    assert_eq!(
        (unit.units, unit.per_unit),
        (Amount::whole(2), Some("7.25".parse().unwrap()))
    );
    let orders = Per::Given("29".parse().unwrap());
    let unit = &unit_cost(&fixture.ledger, &question, &orders).unwrap()[0];
    assert_eq!(unit.per_unit, Some("0.5".parse().unwrap()));
    let nothing = Per::Consumed(Amount::whole(1000));
    assert_eq!(
        unit_cost(&fixture.ledger, &question, &nothing).unwrap()[0].per_unit,
        None
    );
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let fixture = fixture();
    for bad in ["servce", "tag:", "BilledCost", ""] {
        assert!(Key::parse(bad).is_err(), "{bad}");
    }
    let many = Question {
        by: vec![Key::Day; 5],
        ..Question::default()
    };
    assert!(fixture.ledger.ask(&many).is_err());
    let none = Question {
        metrics: Vec::new(),
        ..Question::default()
    };
    assert!(fixture.ledger.ask(&none).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn answers_equal_adding_up(lines in prop::collection::vec(
        (0..40_u32, 1..29_u32, -1_000_000_000_000_i64..1_000_000_000_000, 0..9_usize, 0..300_u32), 1..400)
    ) {
        let places = [0, 1, 2, 3, 6, 9, 12, 15, 18];
        let rows: Vec<(String, u32, String, String)> = lines.iter().map(|(service, day, m, p, team)| {
            let scale = 10_i128.pow(18 - places[*p]);
            let cost = Amount::from_atoms(i128::from(*m) * scale % 10_i128.pow(30)).to_string();
            (format!("s{service}"), *day, cost, format!("{{\"team\":\"t{team}\"}}"))
        }).collect();
        let borrowed: Vec<_> =
            rows.iter().map(|(s, d, c, t)| (s.as_str(), *d, c.as_str(), t.as_str())).collect();
        let fixture = Fixture::new();
        fixture.import(&fixture.file("all.csv", focus(&borrowed))).unwrap();
        let mut wanted: BTreeMap<Vec<Option<String>>, Amount> = BTreeMap::new();
        for (service, day, cost, team) in &rows {
            let team = team.trim_start_matches("{\"team\":\"").trim_end_matches("\"}").to_owned();
            let keys = vec![Some(service.clone()), Some(team), Some(format!("2026-06-{day:02}"))];
            *wanted.entry(keys).or_default() += cost.parse().unwrap();
        }
        let answer = fixture.by("service,tag:team,day");
        let got: BTreeMap<_, _> =
            answer.groups.iter().map(|g| (g.keys.clone(), g.values[0])).collect();
        prop_assert_eq!(got, wanted);
        let sum: Amount = answer.groups.iter().map(|group| group.values[0]).sum();
        prop_assert_eq!(sum, answer.totals[0].values[0]);
    }
}
