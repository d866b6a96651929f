//! Markets made by hand.

use std::sync::Arc;

use domain::day::Day;
use domain::disk::{DiskPrice, DiskPrices};
use domain::offer::{
    Accelerator, Architecture, Exactness, Machine, Offer, OfferTable, ServiceRate, Source,
};
use domain::policy::{Policy, PurchaseKind};
use domain::region::{Continent, Region, Regions};
use domain::resources::{Amount, Resources};
use domain::transfer::{ProviderTransfer, Tariff, TransferPrices};
use domain::{ByteSize, Money, Span, Timestamp};
use tradewind_planner::market::{AcceleratorFigures, Market, MarketBuilder};
use tradewind_planner::question::RunTime;
use tradewind_planner::{Plan, Question, Workload};

/// One row: provider, machine, vCPU, GiB, accelerator, region, on demand and spot in micros.
pub type Row<'a> = (
    &'a str,
    &'a str,
    u32,
    u64,
    Option<(&'a str, u32)>,
    &'a str,
    i64,
    Option<i64>,
);

pub const ROWS: [Row<'static>; 9] = [
    ("aws", "m.large", 2, 8, None, "eu-1", 100_000, Some(40_000)),
    ("aws", "m.large", 2, 8, None, "us-1", 80_000, Some(30_000)),
    (
        "aws",
        "m.xlarge",
        4,
        16,
        None,
        "eu-1",
        200_000,
        Some(70_000),
    ),
    (
        "aws",
        "m.xlarge",
        4,
        16,
        None,
        "us-1",
        160_000,
        Some(60_000),
    ),
    (
        "aws",
        "g.big",
        8,
        64,
        Some(("T4", 1)),
        "us-1",
        600_000,
        Some(200_000),
    ),
    (
        "google",
        "n4",
        4,
        16,
        None,
        "europe-w",
        190_000,
        Some(50_000),
    ),
    ("google", "n4", 4, 16, None, "asia-e", 150_000, Some(45_000)),
    (
        "google",
        "a2",
        12,
        85,
        Some(("A100", 1)),
        "europe-w",
        3_000_000,
        Some(1_000_000),
    ),
    (
        "google",
        "a2x",
        24,
        170,
        Some(("A100", 2)),
        "asia-e",
        6_000_000,
        None,
    ),
];

fn region(provider: &str, code: &str, country: &str, continent: Continent) -> Region {
    Region {
        provider: provider.into(),
        code: code.into(),
        place: code.into(),
        country: country.into(),
        continent,
        position: if country == "us" {
            (39_000, -77_000)
        } else {
            (50_000, 8_000)
        },
        certifications: vec!["iso27001".into()],
        carbon: None,
    }
}

pub fn regions() -> Regions {
    let mut regions = Regions::default();
    regions.insert(region("aws", "eu-1", "de", Continent::Europe));
    regions.insert(region("aws", "us-1", "us", Continent::NorthAmerica));
    regions.insert(region("google", "europe-w", "nl", Continent::Europe));
    regions.insert(region("google", "asia-e", "jp", Continent::Asia));
    regions.insert(region("local", "here", "de", Continent::Europe));
    regions
}

fn tariff(tiers: &[(Option<u64>, i64)]) -> Tariff {
    let tiers = tiers
        .iter()
        .map(|&(edge, micros)| (edge, Money::micros(micros)))
        .collect();
    Tariff::new(tiers, Exactness::Exact, "test".into(), Day::from_days(0)).unwrap()
}

/// The internet costs nothing for 100 GiB, then 0.09 to 10 TiB, then 0.05; other regions 0.02.
pub fn transfers() -> TransferPrices {
    let mut prices = TransferPrices::default();
    for provider in ["aws", "google"] {
        let mut of = ProviderTransfer::default();
        for continent in Continent::ALL {
            let internet = tariff(&[(Some(100), 0), (Some(10_240), 90_000), (None, 50_000)]);
            of.internet_by_continent.insert(continent, internet);
            for other in Continent::ALL {
                of.between_continents
                    .insert((continent, other), tariff(&[(None, 20_000)]));
            }
        }
        of.between_zones = Some(tariff(&[(None, 10_000)]));
        prices.providers.insert(provider.into(), of);
    }
    prices
}

pub fn table(rows: &[Row<'_>]) -> OfferTable {
    let mut builder = OfferTable::builder();
    let source = Source {
        name: "list".into(),
        note: "made by hand".into(),
        as_of: Day::new(2026, 5, 20).unwrap(),
        exactness: Exactness::Exact,
    };
    let source = builder.source(source).unwrap();
    for &(provider, name, cpus, memory, accelerator, region, price, spot) in rows {
        let machine = Machine {
            provider: provider.into(),
            name: name.into(),
            vcpus_milli: cpus * 1000,
            memory_bytes: memory << 30,
            architecture: Architecture::X86_64,
            accelerator: accelerator.map(|(model, count)| Accelerator {
                model: model.into(),
                count_milli: count * 1000,
                memory_bytes: 16 << 30,
            }),
        };
        if provider == "aws" && accelerator.is_none() {
            let rate = ServiceRate {
                service: "sagemaker-training".into(),
                per_million: 1_200_000,
                exactness: Exactness::Exact,
                source,
            };
            if region == "eu-1" {
                builder.rate(machine.clone(), rate);
            }
        }
        builder.push(Offer {
            machine,
            region: region.into(),
            zone: "".into(),
            prices: [
                Some(Money::micros(price)),
                spot.map(Money::micros),
                None,
                None,
            ],
            sources: [source; 4],
            interruption_percent: Some(5),
        });
    }
    builder.build().unwrap()
}

pub fn builder(rows: &[Row<'_>]) -> MarketBuilder {
    let mut disks = DiskPrices::default();
    for (provider, micros) in [("aws", 80_000), ("google", 100_000)] {
        let price = DiskPrice {
            kind: "disk".into(),
            per_gigabyte_month: Money::micros(micros),
            minimum_gigabytes: 1,
            exactness: Exactness::Exact,
            source: "list".into(),
            as_of: Day::from_days(0),
        };
        disks.insert(provider, None, price);
    }
    let device = |model: &str, gigaflops, bandwidth| AcceleratorFigures {
        model: model.into(),
        aliases: vec![],
        gigaflops: Some(gigaflops),
        bandwidth: Some(bandwidth),
    };
    let figures = vec![
        device("T4", 65_000, 320_000),
        device("A100", 312_000, 1_555_000),
    ];
    Market::builder(Arc::new(regions()), Arc::new(transfers()))
        .offers(Arc::new(table(rows)))
        .disks(Arc::new(disks))
        .accelerators(figures)
        .edition("by hand")
}

pub fn question() -> Question {
    Question::new(
        Arc::new(builder(&ROWS).build().unwrap()),
        Timestamp(1_000_000_000_000),
    )
}

pub fn cpus(milli: u32) -> Resources {
    Resources {
        milli_cpus: Some(Amount::AtLeast(milli)),
        ..Resources::default()
    }
}

pub fn memory(gibibytes: u64) -> Resources {
    let memory = Some(Amount::AtLeast(ByteSize::gibibytes(gibibytes)));
    Resources {
        memory,
        ..Resources::default()
    }
}

pub fn gpus(model: &str, count: u32) -> Resources {
    Resources {
        accelerators: [(model.to_owned(), count)].into(),
        ..Resources::default()
    }
}

pub fn spot_too() -> Policy {
    Policy {
        purchase: vec![PurchaseKind::OnDemand, PurchaseKind::Spot],
        ..Policy::default()
    }
}

/// A workload of exactly one hour without set-up.
pub fn hour(name: &str, resources: Resources) -> Workload {
    let mut workload = Workload::new(name, resources, Policy::default());
    workload.set_up = Span::ZERO;
    workload.takes(RunTime::declared(Span::hours(1)))
}

pub fn plan(question: &Question) -> Plan {
    let plan = tradewind_planner::plan(question).unwrap_or_else(|error| panic!("{error}"));
    assert!(plan.is_intact());
    plan
}

/// Machine and region of a workload.
pub fn place<'a>(plan: &'a Plan, workload: &str) -> (&'a str, &'a str) {
    let offer = &plan.placement(workload).unwrap().offer;
    (&offer.machine, &offer.site.region)
}
