//! Adversarial worlds against every policy: no deadline is missed, nothing beats the optimum, and
//! the accounts add up.

use super::policies::{Greedy, Hold, OnDemand, Policy, Survival, UniformProgress, omniscient};
use super::*;
use domain::{Money, Span};
use proptest::prelude::*;

const MINUTE: i64 = 60_000;

/// A machine that does the worst it can: asks for spot and on-demand by a fixed pattern, through
/// the safety net only.
struct Contrary(u64);

impl Policy for Contrary {
    fn decide(&mut self, situation: &Situation<'_>) -> Action {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695);
        let zone = (self.0 >> 40) as usize % situation.market.zones.len();
        situation.guard(match (self.0 >> 33) % 4 {
            0 => Action::Wait,
            1 => Action::OnDemand { zone },
            _ => Action::Spot { zone },
        })
    }
}

fn policies() -> Vec<(&'static str, Box<dyn Policy>)> {
    vec![
        ("on demand", Box::new(OnDemand)),
        ("greedy", Box::new(Greedy)),
        ("uniform progress", Box::new(UniformProgress::default())),
        (
            "eager",
            Box::new(UniformProgress {
                hold: Hold::WhileNoSpot,
            }),
        ),
        ("survival", Box::new(Survival::default())),
        ("contrary", Box::new(Contrary(7))),
    ]
}

fn market_of(prices: &[(i64, i64, bool)], move_minutes: i64) -> Market {
    let zones = prices.iter().enumerate();
    Market {
        zones: zones
            .map(|(at, (spot, on_demand, far))| Zone {
                name: format!("z{at}"),
                region: if *far { "b".to_owned() } else { "a".to_owned() },
                spot: Money::micros(*spot),
                on_demand: Money::micros(*on_demand),
            })
            .collect(),
        region_move: RegionMove {
            time: Span(move_minutes * MINUTE),
            price: Money::micros(500_000),
        },
    }
}

/// Runs of availability: flapping, long and mixed, worst of all at the end.
fn series() -> impl Strategy<Value = Vec<bool>> {
    let runs = prop::collection::vec((any::<bool>(), 1_usize..30), 1..30);
    runs.prop_map(|runs| {
        let mut series: Vec<bool> = Vec::new();
        for (up, length) in runs {
            let flaps = length % 5 == 0;
            series.extend((0..length).map(|at| if flaps { at % 2 == 0 } else { up }));
        }
        series.resize(200, false);
        series
    })
}

prop_compose! {
    /// A question whose durations are multiples of `unit` minutes.
    fn question(unit: i64)(
        zones in prop::collection::vec(
            (series(), 100_000_i64..1_500_000, 900_000_i64..4_000_000, any::<bool>()), 1..4),
        work in 1_i64..12,
        slack in 0_i64..150 / unit,
        changeover in 0_i64..40 / unit,
        checkpoint in prop_oneof![Just(0_i64), 1_i64..90],
        gap in prop_oneof![Just(5_i64), Just(10), Just(15)],
        move_minutes in 0_i64..40 / unit,
        samples in 1_usize..4,
    ) -> (Job, Market, World) {
        let job = Job {
            work: Span(work * 30 * MINUTE),
            deadline: Span((work * 30 + (changeover + slack) * unit) * MINUTE),
            changeover: Span(changeover * unit * MINUTE),
            checkpoint_every: Span(checkpoint * MINUTE),
        };
        let prices: Vec<_> = zones.iter().map(|(_, s, o, far)| (*s, *o, *far)).collect();
        let world = World {
            gap: Span(gap * MINUTE),
            clock: Some(Span(0)),
            past: vec![Vec::new(); zones.len()],
            future: zones.into_iter().map(|(series, ..)| series).collect(),
            samples_per_decision: samples,
        };
        (job, market_of(&prices, move_minutes * unit), world)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_policy_is_ever_late((job, market, world) in question(1)) {
        for (name, mut policy) in policies() {
            let outcome = simulate(&job, &market, &world, policy.as_mut()).unwrap();
            prop_assert!(outcome.finished.is_some(), "{name}: {outcome:?}");
            prop_assert!(outcome.finished.unwrap() <= job.deadline, "{name}");
            let busy = outcome.spot.0 + outcome.on_demand.0;
            prop_assert!(busy >= job.work.0 + job.changeover.0, "{name} worked too little");
            prop_assert!(busy <= job.deadline.0, "{name} was paid for more than there was");
        }
    }

    #[test]
    fn nothing_beats_the_optimum((job, market, world) in question(5)) {
        let world = World { samples_per_decision: 1, ..world };
        let best = omniscient(&job, &market, &world).unwrap();
        for (name, mut policy) in policies() {
            let outcome = simulate(&job, &market, &world, policy.as_mut()).unwrap();
            prop_assert!(outcome.cost >= best, "{name}: {:?} < {best:?}", outcome.cost);
        }
    }

    #[test]
    fn the_same_world_gives_the_same_outcome((job, market, world) in question(5)) {
        let play = || simulate(&job, &market, &world, &mut Survival::default()).unwrap();
        prop_assert_eq!(play(), play());
    }
}

fn hours(hours: i64) -> Span {
    Span(hours * 60 * MINUTE)
}

fn single() -> Market {
    Market::single("a", Money::micros(300_000), Money::micros(1_000_000))
}

fn world(up: &[bool]) -> World {
    World {
        gap: Span(10 * MINUTE),
        clock: None,
        past: vec![Vec::new()],
        future: vec![up.to_vec()],
        samples_per_decision: 1,
    }
}

const JOB: Job = Job {
    work: Span(600 * MINUTE),
    deadline: Span(900 * MINUTE),
    changeover: Span(12 * MINUTE),
    checkpoint_every: Span(0),
};

#[test]
fn always_available_spot_costs_spot() {
    let world = world(&[true; 90]);
    let expected = Cost::of(Money::micros(300_000), Span(612 * MINUTE));
    let mut survival = Survival::default();
    assert_eq!(
        simulate(&JOB, &single(), &world, &mut survival)
            .unwrap()
            .cost,
        expected
    );
    assert_eq!(omniscient(&JOB, &single(), &world).unwrap(), expected);
    assert_eq!(expected.money(), Money::micros(3_060_000));
}

#[test]
fn without_spot_only_one_changeover_is_paid() {
    let world = world(&[false; 90]);
    let expected = Cost::of(Money::micros(1_000_000), Span(612 * MINUTE));
    for (name, mut policy) in policies().into_iter().take(3) {
        let outcome = simulate(&JOB, &single(), &world, policy.as_mut()).unwrap();
        assert!(outcome.cost >= expected, "{name}");
        assert_eq!(outcome.spot, Span(0), "{name}");
    }
    assert_eq!(omniscient(&JOB, &single(), &world).unwrap(), expected);
}

#[test]
fn the_accounts_of_one_interruption_are_exact() {
    // Six samples of spot (60 min: 12 changeover, 48 work), then gone for good: Greedy waits
    // until only the rest and a changeover fit.
    let up: Vec<bool> = (0..90).map(|at| at < 6).collect();
    let outcome = simulate(&JOB, &single(), &world(&up), &mut Greedy).unwrap();
    assert_eq!(outcome.spot, Span(60 * MINUTE));
    assert_eq!(outcome.on_demand, Span((600 - 48 + 12) * MINUTE));
    assert_eq!((outcome.interruptions, outcome.starts), (1, 2));
    let cost = 300_000 * 60 * MINUTE + 1_000_000 * 564 * MINUTE;
    assert_eq!(outcome.cost, Cost(i128::from(cost)));
    let lossy = Job {
        checkpoint_every: Span(30 * MINUTE),
        ..JOB
    };
    let outcome = simulate(&lossy, &single(), &world(&up), &mut Greedy).unwrap();
    // 48 minutes done, 30 of them saved.
    assert_eq!(outcome.on_demand, Span((600 - 30 + 12) * MINUTE));
}

#[test]
fn a_cheaper_zone_is_taken_and_held() {
    let market = market_of(
        &[(400_000, 1_000_000, false), (300_000, 1_000_000, false)],
        10,
    );
    let world = World {
        past: vec![vec![true; 500]; 2],
        future: vec![vec![true; 90]; 2],
        ..world(&[])
    };
    let outcome = simulate(&JOB, &market, &world, &mut Survival::default()).unwrap();
    assert_eq!(
        outcome.cost,
        Cost::of(Money::micros(300_000), Span(612 * MINUTE))
    );
    assert_eq!(outcome.starts, 1);
}

#[test]
fn a_job_begins_where_spot_is_and_moves_when_its_region_stays_without() {
    // Two regions with a long deadline: spot in one only, whichever it is, is all it needs.
    let prices = [(300_000, 1_000_000, false), (300_000, 1_000_000, true)];
    let market = market_of(&prices, 10);
    let job = Job {
        deadline: Span(2_000 * MINUTE),
        ..JOB
    };
    for there in 0..2 {
        let mut future = vec![vec![false; 200]; 2];
        future[there] = vec![true; 200];
        let world = World {
            past: vec![Vec::new(); 2],
            future,
            ..world(&[])
        };
        let outcome = simulate(&job, &market, &world, &mut Survival::default()).unwrap();
        assert_eq!((outcome.starts, outcome.on_demand), (1, Span(0)), "{there}");
    }
    // It is lost for good after five hours: the job ends in the other region, on spot.
    let lost: Vec<bool> = (0..200).map(|at| at < 30).collect();
    let world = World {
        past: vec![Vec::new(); 2],
        future: vec![lost, (0..200).map(|at| at >= 30).collect()],
        ..world(&[])
    };
    let outcome = simulate(&job, &market, &world, &mut Survival::default()).unwrap();
    assert_eq!(outcome.on_demand, Span(0), "{outcome:?}");
    assert!(outcome.starts <= 2, "{outcome:?}");
}

#[test]
fn recommend_is_pure_and_refuses_nonsense() {
    let market = single();
    let history = History {
        gap: Span(10 * MINUTE),
        clock: None,
        zones: vec![vec![true; 20]],
    };
    let situation = Situation {
        job: &JOB,
        market: &market,
        left: hours(15),
        work_left: hours(10),
        unsaved: Span(0),
        home: None,
        running: Running::Nothing,
        step: Span(MINUTE),
        interruptions: Interruptions::AnyTime,
        history: &history,
    };
    assert_eq!(recommend(&situation).unwrap(), Action::Spot { zone: 0 });
    assert_eq!(recommend(&situation).unwrap(), Action::Spot { zone: 0 });
    let late = Situation {
        left: hours(10),
        ..situation
    };
    assert_eq!(recommend(&late).unwrap(), Action::OnDemand { zone: 0 });
    let none = History {
        zones: vec![],
        ..history.clone()
    };
    let wrong = Situation {
        history: &none,
        ..situation
    };
    assert!(matches!(recommend(&wrong), Err(Error::Zones { .. })));
    let wrong = Situation {
        home: Some(4),
        ..situation
    };
    assert!(matches!(recommend(&wrong), Err(Error::Value { .. })));
    let wrong = Situation {
        work_left: Span(i64::MAX),
        ..situation
    };
    assert!(matches!(recommend(&wrong), Err(Error::Value { .. })));
    let impossible = Job {
        deadline: hours(10),
        ..JOB
    };
    let refused = simulate(&impossible, &market, &world(&[true]), &mut Greedy);
    assert!(matches!(refused, Err(Error::TooLate { .. })));
}
