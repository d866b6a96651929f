//! Plans of pipelines: what is asked and what comes of it.

mod limits;

use super::wishes::wishes;
use super::{Answer, Outcome, answer_from};
use crate::arguments::{Aim, PlanArguments};
use crate::failure::Failure;
use catalog::Catalog;
use domain::Timestamp;
use planner::{Objective, Plan};
use server::market::Here;
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
    let asked = wishes(wanted, &spec)?;
    answer_from(&Catalog::embedded().unwrap(), HERE, &asked, &spec, NOW)
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
fn what_the_file_expects_is_planned_on() {
    let yaml = "
name: known
steps:
  prepare: {command: [a], expected: {run_time: 2h, output: 40GiB}}
  train:
    command: [b]
    needs: [prepare]
    resources: {accelerators: 'A100:1'}
    policy: {providers: [aws, google]}
    expected: {run_time: 9h, on: V100:4, checkpoint: 10m}
";
    let answer = planned(yaml, &wanted()).unwrap();
    let plan = plan_of(&answer);
    assert_eq!(plan.transfers[0].bytes, 40 << 30);
    assert_eq!(
        plan.placement("prepare").unwrap().offer.estimate.run.1.0,
        2 * 3_600_000
    );
    let train = &plan.placement("train").unwrap().offer.estimate;
    assert_eq!(train.basis, planner::Basis::Scaled);
    assert!(
        train.run.1.0 != 9 * 3_600_000,
        "another machine takes another time"
    );
    let told = answer.notes.join(" ");
    assert!(
        !told.contains("is assumed") && !told.contains("taken as nothing"),
        "{told}"
    );
    let mut said = wanted();
    said.output_size = vec!["prepare=1GiB".to_owned()];
    let answer = planned(yaml, &said).unwrap();
    assert_eq!(
        plan_of(&answer).transfers[0].bytes,
        1 << 30,
        "the command line goes first"
    );
}

#[test]
fn free_egress_counts_when_it_is_said_to_be_there() {
    let yaml = "
name: apart
steps:
  prepare: {command: [a], policy: {providers: aws}, expected: {run_time: 1h, output: 50GiB}}
  train: {command: [b], needs: [prepare], policy: {providers: azure}, expected: {run_time: 1h}}
";
    let cautious = planned(yaml, &wanted()).unwrap();
    let mut fresh = wanted();
    fresh.egress_used = vec!["aws=0".to_owned()];
    let counted = planned(yaml, &fresh).unwrap();
    let (paid, free) = (plan_of(&cautious), plan_of(&counted));
    assert!(
        paid.cost.micros > free.cost.micros + 4_000_000,
        "{} {}",
        paid.cost,
        free.cost
    );
    assert_eq!(free.transfers[0].cost.micros, 0);
    for wrong in ["aws", "aws=much", "amazon=0"] {
        fresh.egress_used = vec![wrong.to_owned()];
        assert!(
            matches!(planned(yaml, &fresh), Err(Failure::Usage(_))),
            "{wrong}"
        );
    }
}

#[test]
fn objectives_need_what_they_need() {
    let (spec, _) = workload::parse(LOOP.as_bytes(), "test", None, &BTreeMap::new()).unwrap();
    let mut wanted = wanted();
    wanted.objective = Some(Aim::CostByDeadline);
    assert!(matches!(wishes(&wanted, &spec), Err(Failure::Usage(_))));
    wanted.deadline = Some("6h".to_owned());
    let objective = wishes(&wanted, &spec).unwrap().objective;
    assert!(matches!(objective, Objective::CostWithin { .. }));
}

#[test]
fn the_example_is_planned_in_the_union_within_its_budget() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/plan-gpu");
    let loaded = workload::load(&example, &BTreeMap::new()).unwrap();
    let mut wanted = wanted();
    wanted.output_size = vec!["prepare=200GiB".to_owned()];
    wanted.pareto = true;
    let asked = wishes(&wanted, &loaded.spec).unwrap();
    let catalog = Catalog::embedded().unwrap();
    let answer = answer_from(&catalog, HERE, &asked, &loaded.spec, NOW).unwrap();
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
