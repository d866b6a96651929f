//! Every answer of the search against trying everything.

use std::sync::Arc;

use domain::Money;
use domain::day::Day;
use domain::offer::Exactness;
use domain::transfer::{BILLED_GIGABYTE, Tariff};
use proptest::prelude::*;

use super::meter::{Meter, Metered};
use super::problem::{Choice, Ends, Flow, NEVER, Problem, Solution, Task};
use super::together::Together;
use super::{cheapest, fastest, front};

/// A small generator, so that an instance is one number.
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

#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Chain,
    Graph,
}

fn tariff(micros: i64) -> Arc<Tariff> {
    let tiers = vec![
        (Some(2), Money::micros(0)),
        (Some(6), Money::micros(micros)),
        (None, Money::micros(40)),
    ];
    let made = Tariff::new(tiers, Exactness::Exact, "test".into(), Day::from_days(0));
    Arc::new(made.unwrap())
}

fn links(dice: &mut Dice, shape: Shape, tasks: usize) -> Vec<Ends> {
    let mut ends = Vec::new();
    for to in 1..tasks {
        for from in 0..to {
            let wanted = match shape {
                Shape::Chain => from + 1 == to,
                Shape::Graph => dice.odds(2),
            };
            if wanted {
                ends.push(Ends::Link { from, to });
            }
        }
    }
    if dice.odds(2) {
        ends.push(Ends::Import {
            place: dice.below(2) as u16,
            to: 0,
        });
    }
    if dice.odds(3) {
        ends.push(Ends::Export {
            from: tasks - 1,
            place: dice.below(2) as u16,
        });
    }
    ends
}

fn instance(seed: u64, shape: Shape) -> Problem {
    let mut dice = Dice(seed);
    let places = 2 + dice.below(3) as usize;
    let count = 1 + dice.below(5) as usize;
    let pools: Vec<i64> = (0..dice.below(3))
        .map(|_| 2 + dice.below(6) as i64)
        .collect();
    let metered = dice.odds(3);
    let card_count = 4;
    let cards = (0..places * places)
        .map(|at| {
            if at % (places + 1) == 0 {
                0
            } else {
                1 + dice.below(card_count - 1) as u16
            }
        })
        .collect();
    let used = dice.below(3) * BILLED_GIGABYTE;
    let from = used.max(2 * BILLED_GIGABYTE);
    let tariffs = [tariff(90), tariff(120)].map(|tariff| Metered { tariff, from });
    let meters = vec![Meter {
        free: from - used,
        tariffs: tariffs.to_vec(),
    }];
    let ends = links(&mut dice, shape, count);
    let sizes: Vec<u64> = ends
        .iter()
        .map(|_| dice.below(6) * BILLED_GIGABYTE)
        .collect();
    let whole: u64 = sizes.iter().sum();
    let flows: Vec<Flow> = ends
        .iter()
        .zip(&sizes)
        .map(|(&ends, &bytes)| {
            let mut costs: Vec<i64> = (0..card_count).map(|_| dice.below(60) as i64).collect();
            costs[0] = 0;
            let times =
                (0..card_count).map(|card| if card == 0 { 0 } else { dice.below(20) as i64 });
            let times = times.collect();
            let mut paid = vec![0; costs.len()];
            if metered {
                for tariff in 0..2 {
                    costs[1 + tariff] = meters[0].least_share(tariff, bytes, whole);
                    paid[1 + tariff] = meters[0].paid_share(tariff, bytes, whole);
                }
            } else if dice.odds(6) {
                costs[1] = NEVER;
            }
            Flow {
                ends,
                bytes,
                costs,
                paid,
                times,
            }
        })
        .collect();
    let tasks = (0..count)
        .map(|_| task(&mut dice, places, pools.len()))
        .collect();
    let together = Together::new(count, &flows).unwrap();
    Problem {
        tasks,
        flows,
        places,
        cards,
        meters: if metered { meters } else { Vec::new() },
        meter_of_card: (0..card_count as u16)
            .map(|at| (metered && (1..3).contains(&at)).then(|| (0, at - 1)))
            .collect(),
        pools,
        together,
        budget: if dice.odds(3) {
            60 + dice.below(400) as i64
        } else {
            NEVER
        },
        deadline: if dice.odds(2) {
            20 + dice.below(150) as i64
        } else {
            NEVER
        },
    }
}

fn task(dice: &mut Dice, places: usize, pools: usize) -> Task {
    let mut choices: Vec<Choice> = (0..=dice.below(5))
        .map(|token| Choice {
            place: dice.below(places as u64) as u16,
            cost: dice.below(100) as i64,
            time: dice.below(50) as i64,
            uses: (0..pools)
                .filter_map(|pool| {
                    let units = dice.below(4) as i64;
                    (units > 0).then_some((pool as u16, units))
                })
                .collect(),
            token: token as u32,
        })
        .collect();
    choices.sort_by_key(|it| (it.place, it.cost, it.time, it.token));
    Task {
        choices,
        finish_by: if dice.odds(5) {
            30 + dice.below(100) as i64
        } else {
            NEVER
        },
    }
}

fn everything(problem: &Problem) -> Vec<Solution> {
    let mut found = Vec::new();
    let mut picks = vec![0; problem.tasks.len()];
    loop {
        found.extend(problem.evaluate(&picks));
        let Some(task) = (0..picks.len())
            .rev()
            .find(|&task| picks[task] + 1 < problem.tasks[task].choices.len())
        else {
            return found;
        };
        picks[task] += 1;
        for later in &mut picks[task + 1..] {
            *later = 0;
        }
    }
}

fn check_cost(problem: &Problem) {
    let least = everything(problem).iter().map(|it| it.cost).min();
    let outcome = cheapest(problem, 1_000_000);
    assert!(outcome.proved);
    assert_eq!(outcome.best.as_ref().map(|it| it.cost), least);
    if let Some(best) = outcome.best {
        assert_eq!(problem.evaluate(&best.picks).as_ref(), Some(&best));
        assert_eq!(outcome.bound, best.cost);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_cheapest_is_the_cheapest_of_all(seed: u64) {
        check_cost(&instance(seed, Shape::Graph));
        check_cost(&instance(seed, Shape::Chain));
    }

    #[test]
    fn the_fastest_is_the_fastest_and_then_the_cheapest(seed: u64) {
        for shape in [Shape::Chain, Shape::Graph] {
            let problem = instance(seed, shape);
            let best = everything(&problem).into_iter().map(|it| (it.makespan, it.cost)).min();
            let outcome = fastest(&problem, 1_000_000);
            prop_assert!(outcome.proved);
            prop_assert_eq!(outcome.best.map(|it| (it.makespan, it.cost)), best);
        }
    }

    #[test]
    fn fronts_are_complete_when_they_say_so_and_true_always(seed: u64) {
        for shape in [Shape::Chain, Shape::Graph] {
            let problem = instance(seed, shape);
            let all = everything(&problem);
            let found = front(&problem, 1_000_000);
            let points: Vec<(i64, i64)> =
                found.points.iter().map(|(it, _)| (it.cost, it.makespan)).collect();
            let mut sorted: Vec<(i64, i64)> = all.iter().map(|it| (it.cost, it.makespan)).collect();
            sorted.sort_unstable();
            let mut exact: Vec<(i64, i64)> = Vec::new();
            for point in sorted {
                if exact.last().is_none_or(|last| point.1 < last.1) {
                    exact.push(point);
                }
            }
            if found.gap == 0 {
                prop_assert_eq!(&points, &exact);
            }
            prop_assert!(found.points.iter().all(|(_, proved)| *proved));
            prop_assert!(points.iter().all(|point| all.iter().any(|it| (it.cost, it.makespan) == *point)));
            if let (Some(first), Some(last)) = (points.first(), points.last()) {
                prop_assert_eq!(first.0, exact[0].0);
                prop_assert_eq!(last.1, exact[exact.len() - 1].1);
            }
        }
    }

    #[test]
    fn a_front_cut_short_states_a_true_gap(seed: u64, limit in 0_u64..400) {
        let problem = instance(seed, Shape::Graph);
        let all = everything(&problem);
        let found = front(&problem, limit);
        for missed in all {
            let gap = i128::from(found.gap);
            let near = |better: i64, than: i64| {
                i128::from(than - better) * 10_000 <= gap.saturating_mul(i128::from(than))
            };
            let covered = found.points.iter().any(|(it, _)| {
                near(missed.cost, it.cost) && near(missed.makespan, it.makespan)
            });
            prop_assert!(covered || found.gap >= 10_000, "{:?} {:?}", missed, found);
        }
    }

    #[test]
    fn a_search_cut_short_states_a_true_gap(seed: u64, limit in 0_u64..6) {
        let problem = instance(seed, Shape::Graph);
        let least = everything(&problem).iter().map(|it| it.cost).min();
        let outcome = cheapest(&problem, limit);
        if let Some(least) = least {
            prop_assert!(outcome.bound <= least);
            if let Some(best) = &outcome.best {
                prop_assert!(best.cost >= least);
                prop_assert!(!outcome.proved || best.cost == least);
            } else {
                prop_assert!(!outcome.proved);
            }
        }
    }

    #[test]
    fn the_peak_of_a_pool_is_its_heaviest_antichain(seed: u64) {
        let mut dice = Dice(seed);
        let problem = instance(seed, Shape::Graph);
        let users: Vec<(usize, i64)> =
            (0..problem.tasks.len()).map(|task| (task, 1 + dice.below(9) as i64)).collect();
        let before = |one: usize, other: usize| {
            let mut reached = vec![one];
            let mut at = 0;
            while at < reached.len() {
                for flow in &problem.flows {
                    if let Ends::Link { from, to } = flow.ends
                        && from == reached[at] && !reached.contains(&to) { reached.push(to); }
                }
                at += 1;
            }
            reached.contains(&other)
        };
        let mut heaviest = 0;
        for set in 0_u32..1 << users.len() {
            let chosen: Vec<_> = users.iter().filter(|(task, _)| set >> task & 1 == 1).collect();
            let free = chosen.iter().all(|a| chosen.iter().all(|b| a.0 == b.0 || !before(a.0, b.0)));
            if free { heaviest = heaviest.max(chosen.iter().map(|it| it.1).sum()); }
        }
        prop_assert_eq!(problem.together.peak(&users), heaviest);
    }
}
