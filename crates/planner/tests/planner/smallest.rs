//! The smallest set of constraints to relax, against trying every set of them on small markets.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::Money;
use domain::policy::PurchaseKind;
use domain::resources::Amount;
use proptest::prelude::*;
use tradewind_planner::{Constraint, Objective, Question, Unplaceable};

use crate::support::{ROWS, Row, builder, cpus, gpus, hour};

/// A constraint that the brute force can drop from a question by its name.
type Drop = fn(&mut Question);

/// The constraints of one workload that random questions are made of, by the rule that names them.
const CONSTRAINTS: [(&str, Drop); 8] = [
    ("accelerator", |it| {
        it.workloads[0].resources.accelerators.clear();
    }),
    ("cpu", |it| it.workloads[0].resources.milli_cpus = None),
    ("memory", |it| it.workloads[0].resources.memory = None),
    ("provider", |it| it.workloads[0].policy.providers.clear()),
    ("residency", |it| it.workloads[0].policy.residency.clear()),
    ("purchase", |it| {
        it.workloads[0].policy.purchase = vec![
            PurchaseKind::OnDemand,
            PurchaseKind::Spot,
            PurchaseKind::Committed,
        ];
    }),
    ("hourly price", |it| {
        it.workloads[0].policy.maximum_hourly_price = None;
    }),
    ("cost", |it| it.workloads[0].policy.maximum_cost = None),
];

/// A small generator, so that a market and a question are one number.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
    fn odds(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }
}

fn asked(seed: u64) -> Question {
    let mut dice = Dice(seed);
    let rows: Vec<Row<'_>> = ROWS.into_iter().filter(|_| dice.odds(2)).collect();
    let rows = if rows.is_empty() { vec![ROWS[0]] } else { rows };
    let market = builder(&rows).build().unwrap();
    let mut workload = hour("w", cpus(1_000));
    if dice.odds(2) {
        let model = if rows.iter().any(|it| it.4.is_some_and(|it| it.0 == "T4")) {
            "T4"
        } else {
            "A100"
        };
        workload.resources.accelerators = gpus(model, 1 + dice.below(3) as u32).accelerators;
    }
    workload.resources.milli_cpus = Some(Amount::AtLeast(1_000 << dice.below(6)));
    if dice.odds(2) {
        let size = domain::ByteSize::gibibytes(4 << dice.below(7));
        workload.resources.memory = Some(Amount::AtLeast(size));
    }
    if dice.odds(2) {
        let at = dice.below(rows.len() as u64) as usize;
        workload.policy.providers = vec![rows[at].0.to_owned()];
    }
    if dice.odds(2) {
        let rules = ["eu", "us", "jp", "not:us", "de"];
        workload.policy.residency = vec![rules[dice.below(5) as usize].to_owned()];
    }
    if dice.odds(2) {
        workload.policy.maximum_hourly_price = Some(Money::micros(20_000 << dice.below(8)));
    }
    if dice.odds(2) {
        workload.policy.maximum_cost = Some(Money::micros(20_000 << dice.below(8)));
    }
    let now = domain::Timestamp(1_000_000_000_000);
    let mut question = Question::new(Arc::new(market), now).with(workload);
    if dice.odds(4) {
        question.objective = Objective::Time;
    }
    question
}

fn is_placed(question: &Question) -> bool {
    tradewind_planner::plan(question).is_ok()
}

/// All smallest sets of constraints without which there is a plan, by trying every set.
fn by_force(question: &Question) -> BTreeSet<BTreeSet<&'static str>> {
    let mut question = question.clone();
    question.settings.relax = false;
    for size in 1..=CONSTRAINTS.len() as u32 {
        let sets = (0_u32..1 << CONSTRAINTS.len()).filter(|set| set.count_ones() == size);
        let chosen = |set: u32| {
            let all = CONSTRAINTS.iter().enumerate();
            all.filter(move |(at, _)| set >> at & 1 == 1)
                .map(|(_, it)| it)
        };
        let found: BTreeSet<BTreeSet<&str>> = sets
            .filter(|&set| {
                let mut relaxed = question.clone();
                for (_, drop) in chosen(set) {
                    drop(&mut relaxed);
                }
                is_placed(&relaxed)
            })
            .map(|set| chosen(set).map(|(name, _)| *name).collect())
            .collect();
        if !found.is_empty() {
            return found;
        }
    }
    BTreeSet::new()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_smaller_would_do_and_nothing_as_small_is_missing(seed: u64) {
        let question = asked(seed);
        let Err(answer) = tradewind_planner::plan(&question) else { return Ok(()) };
        let Unplaceable::Constrained(why) = answer else {
            // A market without the accelerator does not know its name.
            prop_assert!(answer.to_string().contains("accelerator"), "{}", answer);
            return Ok(());
        };
        prop_assert!(why.proved);
        // Where there were too many sets to try, it says so.
        if !why.smallest { return Ok(()); }
        let force = by_force(&question);
        let told: BTreeSet<BTreeSet<&str>> = why
            .ways_out
            .iter()
            .map(|way| way.relax.iter().map(|it| match it {
                Constraint::Rule { rule, .. } => rule.as_str(),
                _ => "another",
            }).collect())
            .collect();
        prop_assert!(told.is_subset(&force), "{:?} {:?}", told, force);
        // At most four are told, the cheapest ones.
        prop_assert_eq!(told.len(), force.len().min(4), "{:?} {:?}", told, force);
    }

    #[test]
    fn the_order_of_the_offers_changes_nothing(seed: u64) {
        let mut dice = Dice(seed);
        let question = asked(seed);
        let rows: Vec<Row<'_>> = ROWS.to_vec();
        let mut shuffled = rows.clone();
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, dice.below(at as u64 + 1) as usize);
        }
        let [one, other] = [rows, shuffled].map(|rows| {
            let mut asked = question.clone();
            asked.market = Arc::new(builder(&rows).build().unwrap());
            std::thread::spawn(move || tradewind_planner::plan(&asked)).join().unwrap()
        });
        prop_assert_eq!(one, other);
    }
}
