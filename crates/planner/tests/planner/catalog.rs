//! The embedded catalog: a hundred thousand offers, planned on as they are.

use std::sync::{Arc, OnceLock};

use ::catalog::Catalog;
use domain::policy::PurchaseKind;
use domain::resources::{Amount, Resources};
use domain::{ByteSize, Money, Span, Timestamp};
use tradewind_planner::market::{AcceleratorFigures, BOUGHT_KINDS, Market};
use tradewind_planner::question::RunTime;
use tradewind_planner::{Proof, Question, Workload};

use crate::support::{cpus, gpus, plan, spot_too};

fn market() -> Arc<Market> {
    static MARKET: OnceLock<Arc<Market>> = OnceLock::new();
    MARKET
        .get_or_init(|| {
            let catalog = Catalog::embedded().unwrap();
            let figures = catalog.accelerators().iter().map(|it| AcceleratorFigures {
                model: it.model.clone(),
                aliases: Vec::new(),
                gigaflops: it.gigaflops_16bit.or(it.gigaflops_32bit),
                bandwidth: it.bandwidth_mb_s,
            });
            let regions = Arc::new(catalog.regions().clone());
            let market = Market::builder(regions, Arc::new(catalog.transfer().clone()))
                .offers(Arc::new(catalog.offers().clone()))
                .disks(Arc::new(catalog.disk().clone()))
                .accelerators(figures.collect())
                .edition(catalog.hash());
            Arc::new(market.build().unwrap())
        })
        .clone()
}

pub fn question() -> Question {
    Question::new(market(), Timestamp(1_790_000_000_000))
}

#[test]
fn the_cheapest_fitting_machine_is_found_among_all() {
    let resources = Resources {
        memory: Some(Amount::AtLeast(ByteSize::gibibytes(16))),
        ..cpus(4_000)
    };
    for (policy, purchases) in [
        (Default::default(), vec![PurchaseKind::OnDemand]),
        (spot_too(), vec![PurchaseKind::OnDemand, PurchaseKind::Spot]),
    ] {
        let found = plan(&question().with(Workload::new("w", resources.clone(), policy)));
        let catalog = Catalog::embedded().unwrap();
        let fitting = catalog.offers().iter().filter(|offer| {
            let machine = offer.machine();
            machine.vcpus_milli >= 4_000
                && machine.memory_bytes >= 16 << 30
                && machine.architecture == domain::offer::Architecture::X86_64
        });
        let prices = fitting.flat_map(|offer| {
            let kinds = BOUGHT_KINDS
                .into_iter()
                .filter(|it| purchases.contains(&it.kind()));
            kinds
                .filter_map(move |kind| offer.price(kind))
                .map(|quote| quote.per_hour.micros)
        });
        let least = prices.filter(|&price| price > 0).min().unwrap();
        // An hour and two minutes at the least price; spot adds its expected interruptions.
        let floor = Money::micros(least * 62 / 60);
        assert!(
            found.cost >= floor && found.cost.micros <= floor.micros * 101 / 100 + 1,
            "{} {floor}",
            found.cost
        );
        assert_eq!(found.proof, Proof::Optimal);
    }
}

#[test]
fn fifty_terabytes_out_of_aws_cost_what_the_list_says() {
    let mut workload = Workload::new("w", cpus(2_000), Default::default());
    workload.policy.providers = vec!["google".into()];
    workload.inputs = vec![tradewind_planner::question::DataAt {
        provider: "aws".into(),
        region: "us-east-1".into(),
        bytes: 50 << 40,
    }];
    let moved = plan(&question().with(workload)).transfers[0].cost;
    assert!(
        (4_300..4_500).contains(&(moved.micros / 1_000_000)),
        "{moved}"
    );
}

#[test]
fn a_chain_and_a_graph_are_proved_best() {
    let mut asked = question();
    for n in 0..12_u32 {
        let resources = if n % 3 == 1 {
            gpus("A100", 1 + n % 4)
        } else {
            cpus(4_000 * (1 + n % 3))
        };
        let workload = Workload::new(&format!("s{n}"), resources, spot_too());
        asked = asked.with(workload.takes(RunTime::declared(Span::hours(1 + i64::from(n % 5)))));
        if n > 0 {
            asked = asked.link(&format!("s{}", n - 1), &format!("s{n}"), u64::from(n) << 32);
        }
        if n > 2 && n % 2 == 0 {
            asked = asked.link(&format!("s{}", n - 3), &format!("s{n}"), u64::from(n) << 31);
        }
    }
    let found = plan(&asked);
    assert_eq!(found.proof, Proof::Optimal);
    assert!(found.placed.iter().all(|it| it.considered > 100_000));
    assert_eq!(found.hash, plan(&asked).hash);
    let all_in_one: Money = found
        .placed
        .iter()
        .map(|it| it.offer.estimate.compute)
        .sum();
    assert!(found.cost >= all_in_one);
}
