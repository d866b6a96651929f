//! Plans of pipelines: what is asked and what comes of it.

use super::market::Here;
use super::wishes::Wishes;
use super::{Answer, Outcome, answer_from};
use crate::arguments::{Aim, PlanArguments};
use crate::failure::Failure;
use catalog::Catalog;
use domain::Timestamp;
use planner::{Objective, Plan};
use std::collections::BTreeMap;
use std::path::Path;

const HERE: Here = Here {
    milli_cpus: 4_000,
    memory: 16 << 30,
};
const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn wanted() -> PlanArguments {
    PlanArguments {
        local_rate: "0".to_owned(),
        ..PlanArguments::default()
    }
}

fn planned(yaml: &str, wanted: &PlanArguments) -> Result<Answer, Failure> {
    let (spec, _) = workload::parse(yaml.as_bytes(), "test", None, &BTreeMap::new()).unwrap();
    let wishes = Wishes::of(wanted, &spec)?;
    answer_from(&Catalog::embedded().unwrap(), HERE, &wishes, &spec, NOW)
}

fn plan_of(answer: &Answer) -> &Plan {
    match &answer.outcome {
        Outcome::Placed(plan) => plan,
        other => panic!("no plan: {other:?}"),
    }
}

const LOOP: &str = "
name: looped
parameters: {sizes: [1, 2, 3]}
steps:
  first: {command: [a], outputs: [data]}
  gate:
    condition: {if: '1 < 2', then: [many]}
    needs: [first]
  many:
    for-each: {items: '${parameters.sizes}', as: n, parallelism: 2}
    job: {command: [b, '${n}']}
";

#[test]
fn loops_become_workloads_and_order_passes_through_conditions() {
    let mut wanted = wanted();
    wanted.run_time = vec!["1h".to_owned(), "many=30m".to_owned()];
    let answer = planned(LOOP, &wanted).unwrap();
    let plan = plan_of(&answer);
    let names: Vec<_> = plan.placed.iter().map(|it| it.workload.as_str()).collect();
    assert_eq!(names, ["first", "many[0]", "many[1]", "many[2]"]);
    let at = |name: &str| plan.placement(name).unwrap();
    assert!(
        plan.placed
            .iter()
            .all(|it| &*it.offer.site.provider == "local")
    );
    assert!(
        at("many[0]").start >= at("first").finish,
        "the condition passes the order on"
    );
    assert!(at("many[2]").start >= at("many[0]").finish, "two at once");
    assert!(at("many[1]").start < at("many[0]").finish);
    assert_eq!(plan.cost.micros, 0);
    assert!(plan.is_intact());
}

#[test]
fn the_same_question_has_the_same_hash_and_the_local_rate_counts() {
    let one = planned(LOOP, &wanted()).unwrap();
    let two = planned(LOOP, &wanted()).unwrap();
    assert_eq!(plan_of(&one).hash, plan_of(&two).hash);
    let mut dear = wanted();
    dear.local_rate = "1000 USD".to_owned();
    assert!(plan_of(&planned(LOOP, &dear).unwrap()).cost.micros > 0);
    dear.any_provider = true;
    let elsewhere = planned(LOOP, &dear).unwrap();
    let places = plan_of(&elsewhere).placed.iter();
    assert!(
        places.clone().all(|it| &*it.offer.site.provider != "local"),
        "clouds are cheaper"
    );
}

#[test]
fn what_fits_nowhere_names_what_to_relax() {
    let yaml = "name: big\ncommand: [a]\nresources: {cpus: 64+}\n";
    let answer = planned(yaml, &wanted()).unwrap();
    let Outcome::Nowhere(why) = &answer.outcome else {
        panic!("{answer:?}");
    };
    assert!(!why.ways_out.is_empty() && why.smallest, "{why}");
    assert!(why.ways_out.iter().all(|way| way.relax.len() == 1), "{why}");
    let mut any = wanted();
    any.any_provider = true;
    assert!(plan_of(&planned(yaml, &any).unwrap()).cost.micros > 0);
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    let yaml =
        "name: x\ncommand: [a]\nresources: {accelerators: 'A10O:1'}\npolicy: {providers: aws}\n";
    let Err(Failure::Usage(text)) = planned(yaml, &wanted()) else {
        panic!("planned");
    };
    assert!(
        text.contains("did you mean") && text.contains("A100"),
        "{text}"
    );
    let mut wrong = wanted();
    wrong.run_time = vec!["mani=1h".to_owned()];
    let Err(Failure::Usage(text)) = planned(LOOP, &wrong) else {
        panic!("planned");
    };
    assert!(text.contains("`many`"), "{text}");
}

#[test]
fn objectives_need_what_they_need() {
    let (spec, _) = workload::parse(LOOP.as_bytes(), "test", None, &BTreeMap::new()).unwrap();
    let mut wanted = wanted();
    wanted.objective = Some(Aim::CostByDeadline);
    assert!(matches!(Wishes::of(&wanted, &spec), Err(Failure::Usage(_))));
    wanted.deadline = Some("6h".to_owned());
    let objective = Wishes::of(&wanted, &spec).unwrap().objective;
    assert!(matches!(objective, Objective::CostWithin { .. }));
}

#[test]
fn the_example_is_planned_in_the_union_within_its_budget() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/plan-gpu");
    let loaded = workload::load(&example, &BTreeMap::new()).unwrap();
    let mut wanted = wanted();
    wanted.output_size = vec!["prepare=200GiB".to_owned()];
    wanted.pareto = true;
    let wishes = Wishes::of(&wanted, &loaded.spec).unwrap();
    let catalog = Catalog::embedded().unwrap();
    let answer = answer_from(&catalog, HERE, &wishes, &loaded.spec, NOW).unwrap();
    let plan = plan_of(&answer);
    assert_eq!(plan.placed.len(), 4);
    assert!(
        plan.cost.micros > 0 && plan.cost.micros <= 150_000_000,
        "{}",
        plan.cost
    );
    for placed in &plan.placed {
        let site = &placed.offer.site;
        let region = catalog
            .regions()
            .find(&site.provider, &site.region)
            .unwrap();
        assert!(region.in_european_union(), "{site}");
        assert!(!placed.evidence.is_empty());
    }
    assert!(
        plan.front
            .as_ref()
            .is_some_and(|front| !front.points.is_empty())
    );
}
