//! Limits from the command line and the file: what is known is kept, what is not is said.

use super::{plan_of, planned, wanted};
use crate::commands::plan::Outcome;
use crate::failure::Failure;
use catalog::Catalog;
use domain::{Money, Span};
use planner::Payment;

const ONE: &str = "
name: one
command: [a]
resources: {cpus: 4+, memory: 16GiB+}
policy: {providers: [aws, google, azure]}
expected: {run_time: 58m}
";

/// The text of a refusal.
fn refused(yaml: &str, change: impl FnOnce(&mut crate::arguments::PlanArguments)) -> String {
    let mut wanted = wanted();
    change(&mut wanted);
    match planned(yaml, &wanted) {
        Err(Failure::Usage(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn distance_is_kept_along_the_great_circle() {
    let catalog = Catalog::embedded().unwrap();
    let frankfurt = catalog.regions().find("aws", "eu-central-1").unwrap();
    let mut wanted = wanted();
    wanted.near = Some("aws/eu-central-1=300km".to_owned());
    let answer = planned(ONE, &wanted).unwrap();
    let placed = &plan_of(&answer).placed[0];
    let site = &placed.offer.site;
    let chosen = catalog
        .regions()
        .find(&site.provider, &site.region)
        .unwrap();
    assert!(chosen.distance_km(frankfurt) <= 300, "{site}");
    let far = placed.rejected.iter().find(|it| it.rule == "distance");
    assert!(far.unwrap().why.contains("300 km are allowed"), "{far:?}");
    let text = refused(ONE, |it| it.near = Some("aws/eu-centrl-1=300km".to_owned()));
    assert!(text.contains("`eu-central-1`"), "{text}");
    for wrong in ["eu-central-1", "aws/eu-central-1", "aws/eu-central-1=near"] {
        refused(ONE, |it| it.near = Some(wrong.to_owned()));
    }
}

#[test]
fn carbon_is_kept_where_it_is_known_and_else_said_not_to_be() {
    let catalog = Catalog::embedded().unwrap();
    let mut wanted = wanted();
    wanted.max_carbon = Some(60);
    let answer = planned(ONE, &wanted).unwrap();
    let plan = plan_of(&answer);
    let site = &plan.placed[0].offer.site;
    let region = catalog
        .regions()
        .find(&site.provider, &site.region)
        .unwrap();
    match &region.carbon {
        Some(carbon) => assert!(carbon.milligrams_per_kwh <= 60_000, "{site}"),
        None => assert!(plan.notes.iter().any(|it| it.contains("was not checked"))),
    }
    let sold = |region: &domain::region::Region| {
        let mut offers = catalog.offers().iter();
        offers.any(|it| *it.machine().provider == *region.provider && *it.region() == *region.code)
    };
    let unknown = catalog.regions().iter();
    let unknown = unknown.filter(|it| it.carbon.is_none()).find(|it| sold(it));
    if let Some(region) = unknown {
        wanted.region = vec![format!("{}/{}", region.provider, region.code)];
        let answer = planned(ONE, &wanted).unwrap();
        let notes = &plan_of(&answer).notes;
        let told = notes
            .iter()
            .any(|it| it.contains("not known and was not checked"));
        assert!(told, "{notes:?}");
    }
}

#[test]
fn regions_are_kept_and_unknown_ones_get_the_nearest() {
    let mut wanted = wanted();
    wanted.region = vec!["europe-west4".to_owned()];
    let answer = planned(ONE, &wanted).unwrap();
    assert_eq!(
        &*plan_of(&answer).placed[0].offer.site.region,
        "europe-west4"
    );
    let text = refused(ONE, |it| it.region = vec!["europe-wst4".to_owned()]);
    assert!(text.contains("`europe-west4`"), "{text}");
}

#[test]
fn residency_holds_for_code_data_and_paths() {
    let yaml = "
name: kept
steps:
  prepare:
    command: [a]
    policy: {providers: [aws, google, azure], residency: eu}
    expected: {run_time: 1h, output: 1GiB}
  train:
    command: [b]
    needs: [prepare]
    policy: {providers: [aws, google, azure]}
    expected: {run_time: 1h}
";
    let catalog = Catalog::embedded().unwrap();
    let answer = planned(yaml, &wanted()).unwrap();
    for (name, kinds) in [
        (
            "prepare",
            &[
                "residency `eu`",
                "data residency `eu`",
                "egress residency `eu`",
            ][..],
        ),
        (
            "train",
            &["data residency `eu`", "egress residency `eu`"][..],
        ),
    ] {
        let placed = plan_of(&answer).placement(name).unwrap();
        let site = &placed.offer.site;
        let region = catalog
            .regions()
            .find(&site.provider, &site.region)
            .unwrap();
        assert!(region.in_european_union(), "{name} in {site}");
        assert_eq!(placed.evidence.len(), kinds.len(), "{:?}", placed.evidence);
        for (told, kind) in placed.evidence.iter().zip(kinds) {
            assert!(told.starts_with(kind), "{told}");
        }
    }
    let inputs = "expected: {run_time: 1h, inputs: [{at: aws/us-east-1, size: 1GiB}]}";
    let abroad = ONE
        .replace("policy: {", "policy: {residency: eu, ")
        .replace("expected: {run_time: 58m}", inputs);
    let answer = planned(&abroad, &wanted()).unwrap();
    let Outcome::Nowhere(why) = &answer.outcome else {
        panic!("{answer:?}")
    };
    assert!(
        why.smallest && why.ways_out.iter().all(|it| it.relax.len() == 1),
        "{why}"
    );
    assert!(why.to_string().contains("data residency of `job`"), "{why}");
}

#[test]
fn managed_services_cost_what_they_cost() {
    let yaml = ONE.replace("[aws, google, azure]", "[aws]");
    let mut wanted = wanted();
    wanted.region = vec!["aws/eu-central-1".to_owned()];
    let bare = plan_of(&planned(&yaml, &wanted).unwrap()).cost;
    wanted.service = vec!["aws=sagemaker".to_owned()];
    let answer = planned(&yaml, &wanted).unwrap();
    let plan = plan_of(&answer);
    assert!(plan.cost > bare, "{} {bare}", plan.cost);
    let service = plan.placed[0].offer.service.as_deref();
    assert_eq!(service, Some("sagemaker"));
    let text = refused(&yaml, |it| it.service = vec!["aws=sagemakr".to_owned()]);
    assert!(text.contains("`sagemaker`"), "{text}");
    refused(&yaml, |it| it.service = vec!["sagemaker".to_owned()]);
}

#[test]
fn certifications_are_asked_for_by_name() {
    let catalog = Catalog::embedded().unwrap();
    let named = catalog
        .regions()
        .iter()
        .find_map(|it| it.certifications.first());
    let Some(name) = named else { return };
    let mut wanted = wanted();
    wanted.certification = vec![name.to_string()];
    let answer = planned(ONE, &wanted).unwrap();
    let site = &plan_of(&answer).placed[0].offer.site;
    let region = catalog
        .regions()
        .find(&site.provider, &site.region)
        .unwrap();
    assert!(region.certifications.contains(name), "{site}");
    let text = refused(ONE, |it| it.certification = vec!["iso27001".to_owned()]);
    assert!(text.contains("`iso-27001`"), "{text}");
}

#[test]
fn caps_on_money_come_from_the_file() {
    for (cap, rule) in [
        ("maximum_hourly_price: 0.0001 USD", "hourly price of `job`"),
        ("maximum_cost: 0.0001 USD", "cost of `job`"),
    ] {
        let yaml = ONE.replace("policy: {", &format!("policy: {{{cap}, "));
        let answer = planned(&yaml, &wanted()).unwrap();
        let Outcome::Nowhere(why) = &answer.outcome else {
            panic!("{cap}: {answer:?}")
        };
        assert!(why.smallest && why.to_string().contains(rule), "{why}");
    }
    let both = "
name: both
policy: {maximum_cost: 0.0001 USD, providers: [aws, google, azure]}
steps:
  a: {command: [a]}
  b: {command: [b]}
";
    let answer = planned(both, &wanted()).unwrap();
    let Outcome::Nowhere(why) = &answer.outcome else {
        panic!("{answer:?}")
    };
    assert!(why.workloads.is_empty(), "each could be placed by itself");
    assert!(why.to_string().contains("relax the budget"), "{why}");
}

#[test]
fn accounts_hold_quotas_contracts_and_queues() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accounts.json");
    let mut wanted = wanted();
    wanted.region = vec!["aws/us-east-1".to_owned(), "google/us-central1".to_owned()];
    let free = planned(ONE, &wanted).unwrap();
    let first = plan_of(&free).placed[0].offer.site.provider.to_string();
    let other = if first == "aws" { "google" } else { "aws" };
    let mut with = |text: String| {
        std::fs::write(&file, text).unwrap();
        wanted.accounts = Some(file.clone());
        planned(ONE, &wanted)
    };

    let quota = format!(
        r#"{{"quotas": [{{"name": "machines", "provider": "{first}", "unit": {{"kind": "machines"}}, "limit": 0}}]}}"#
    );
    let moved = with(quota).unwrap();
    let placed = &plan_of(&moved).placed[0];
    assert_eq!(&*placed.offer.site.provider, other);
    assert!(placed.rejected.iter().any(|it| it.rule == "quota"));

    // An hour with its set-up, for nothing.
    let paid = r#"{"commitments": [{"name": "savings", "provider": "aws", "machine": "m5.xlarge", "machines": 1}]}"#;
    let paid = with(paid.to_owned()).unwrap();
    let plan = plan_of(&paid);
    assert_eq!((plan.cost, plan.time), (Money::ZERO, Span::hours(1)));
    let commitment = Payment::Committed {
        commitment: "savings".to_owned(),
    };
    assert_eq!(plan.placed[0].offer.payment, commitment);

    let wait = format!(r#"{{"waits": [{{"provider": "{first}", "wait": "30m"}}]}}"#);
    let waits = with(wait).unwrap();
    let plan = plan_of(&waits);
    assert_eq!(&*plan.placed[0].offer.site.provider, first.as_str());
    assert_eq!(plan.time, Span::minutes(90));

    let Err(Failure::Usage(text)) = with("{\n  \"quota\": []}".to_owned()) else {
        panic!()
    };
    assert!(
        text.contains("accounts.json:2:") && text.contains("`quotas`"),
        "{text}"
    );
    let Err(Failure::Usage(text)) =
        with(r#"{"waits": [{"provider": "awss", "wait": 1000}]}"#.to_owned())
    else {
        panic!()
    };
    assert!(text.contains("`aws`"), "{text}");
}
