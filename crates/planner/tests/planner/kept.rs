//! Plans of runs as they are kept.

use std::sync::Arc;

use domain::day::Day;
use domain::job::{Entry, JobSpec};
use domain::offer::Architecture;
use domain::pipeline::{ForEach, PipelineSpec, StepAction, StepSpec};
use domain::policy::Policy;
use domain::{Money, Name, Span, Timestamp};
use tradewind_planner::market::Market;
use tradewind_planner::pipeline::{Kept, KeptAnswer, Known, Places, history_name, looks_further};
use tradewind_planner::question::{History, Observation, Refusals};
use tradewind_planner::{Basis, Replay};

const HERE: (u32, u64) = (4_000, 16 << 30);

fn market(rate: i64) -> Arc<Market> {
    let market = Market::builder(Arc::default(), Arc::default())
        .edition("local")
        .local(
            (HERE.0, Architecture::X86_64),
            HERE.1,
            Money::micros(rate),
            Day::from_days(20_000),
        )
        .unwrap();
    Arc::new(market.build().unwrap())
}

fn known(rate: i64) -> Known {
    Known {
        now: Timestamp(1_790_000_000_000),
        here: HERE,
        local_rate: Money::micros(rate),
        history: History::default(),
        refusals: Refusals::default(),
        places: Places::default(),
    }
}

fn step(name: &str, needs: &[&str]) -> StepSpec {
    let argv = vec!["true".to_owned()];
    StepSpec {
        name: Name::new(name).unwrap(),
        needs: needs.iter().map(|it| Name::new(*it).unwrap()).collect(),
        for_each: None,
        action: StepAction::Job {
            job: JobSpec::new(Entry::Command { argv }).into(),
        },
    }
}

fn pipeline(steps: Vec<StepSpec>) -> PipelineSpec {
    PipelineSpec {
        name: Name::new("kept").unwrap(),
        parameters: [].into(),
        steps,
        policy: Policy::default(),
        tags: [].into(),
    }
}

#[test]
fn a_kept_plan_knows_when_it_was_changed_and_can_be_made_again() {
    let spec = pipeline(vec![step("a", &[]), step("b", &["a"])]);
    let kept = Kept::make(&spec, market(400_000), known(400_000));
    let plan = kept.plan().unwrap();
    assert_eq!(plan.placed.len(), 2);
    assert!(plan.cost.micros > 0 && kept.is_intact());
    assert_eq!(kept.replay(&spec, market(400_000)), Replay::Same);
    let text = serde_json::to_string(&kept).unwrap();
    let read: Kept = serde_json::from_str(&text).unwrap();
    assert!(read == kept && read.is_intact());
    let cheaper = text.replace(&format!("\"cost\":{}", plan.cost.micros), "\"cost\":1");
    assert_ne!(cheaper, text);
    let changed: Kept = serde_json::from_str(&cheaper).unwrap();
    assert!(!changed.is_intact());
    let Replay::Different { what } = kept.replay(&spec, market(500_000)) else {
        panic!("another price is another plan");
    };
    assert!(what.iter().any(|it| it.contains("the cost is")), "{what:?}");
    let Replay::Different { what } = changed.replay(&spec, market(400_000)) else {
        panic!("it was changed");
    };
    assert!(what[0].contains("changed"), "{what:?}");
}

#[test]
fn history_of_the_pipeline_gives_the_times() {
    let spec = pipeline(vec![step("a", &[])]);
    let mut known = known(0);
    for took in [100, 110, 120] {
        known.history.0.push(Observation {
            name: history_name(&spec, "a"),
            provider: "local".to_owned(),
            machine: "this-machine".to_owned(),
            took: Span::seconds(took),
        });
    }
    let kept = Kept::make(&spec, market(0), known);
    let estimate = &kept.plan().unwrap().placed[0].offer.estimate;
    assert_eq!(estimate.basis, Basis::Learned { runs: 3 });
    assert_eq!(estimate.run.1, Span::seconds(110));
}

#[test]
fn a_loop_over_a_thousand_items_is_planned() {
    let mut many = step("a", &[]);
    let items = (0..998).map(serde_json::Value::from).collect();
    many.for_each = Some(ForEach {
        items: serde_json::Value::Array(items),
        parallelism: 0,
    });
    let spec = pipeline(vec![step("first", &[]), many, step("last", &["a"])]);
    let kept = Kept::make(&spec, market(0), known(0));
    let plan = kept.plan().unwrap();
    assert_eq!(plan.placed.len(), 1_000);
    assert!(kept.is_intact());
    let last = plan.placement("last").unwrap();
    assert!(last.start >= plan.placement("a[997]").unwrap().finish);
}

#[test]
fn too_many_jobs_and_impossible_ones_are_told_and_kept() {
    let mut many = step("a", &[]);
    let items = (0..100_000).map(serde_json::Value::from).collect();
    many.for_each = Some(ForEach {
        items: serde_json::Value::Array(items),
        parallelism: 0,
    });
    let mut more = many.clone();
    (more.name, more.needs) = (Name::new("b").unwrap(), vec![Name::new("a").unwrap()]);
    let kept = Kept::make(&pipeline(vec![many, more]), market(0), known(0));
    let KeptAnswer::Unplanned { reason } = &kept.answer else {
        panic!("{:?}", kept.answer);
    };
    assert!(
        reason.contains("200000 jobs") && kept.is_intact(),
        "{reason}"
    );
    let mut spec = pipeline(vec![step("a", &[])]);
    if let StepAction::Job { job } = &mut spec.steps[0].action {
        job.resources.milli_cpus = Some(domain::resources::Amount::AtLeast(64_000));
    }
    let kept = Kept::make(&spec, market(0), known(0));
    assert!(
        matches!(&kept.answer, KeptAnswer::Nowhere { .. }),
        "{:?}",
        kept.answer
    );
    assert_eq!(kept.replay(&spec, market(0)), Replay::Same);
    assert!(!looks_further(&spec, &Places::default()));
    if let StepAction::Job { job } = &mut spec.steps[0].action {
        job.resources.accelerators.insert("A100".to_owned(), 1);
    }
    assert!(looks_further(&spec, &Places::default()));
}
